import type { Secret } from '@gatehouse-mcp/oauth';
import passport from 'passport';
import type { LiveSettings } from '../config/configuration.schema.js';
import { issuersOf, tokenPrefixesOf } from '../config/provider-identity.js';
import { GatewayError } from '../errors/gateway.error.js';
import { isSameSecret } from './api-keys/api-key.format.js';
import type { StrategyContext, TokenRequest } from './strategies/strategy.js';
import { createStrategy } from './strategies/strategies.js';
import { TokenError } from './token.error.js';
import type { VerifiedToken } from './verified-token.js';

type Settings = Pick<LiveSettings, 'providers' | 'tenants'>;

/** How an opaque credential of a provider begins; the longest beginning that fits decides. */
interface OpaqueKind {
  readonly prefix: string;
  readonly provider: string;
}

/**
 * The providers of one configuration revision. A credential leads to one of them, by its exact issuer or its beginning, before
 * anybody is asked; what that one refuses stays refused.
 */
export class SignIn {
  /** The identity of requests without any credential, in development. */
  readonly withoutCredential: string | undefined;
  readonly #settings: Settings;
  readonly #byIssuer = new Map<string, string>();
  readonly #opaque: readonly OpaqueKind[];
  readonly #staticKeys: { readonly key: Secret; readonly provider: string }[] = [];
  /** An own registry, with each strategy under its provider's id: passport's default one is global to the process. */
  readonly #passport = new passport.Passport();

  private constructor(settings: Settings) {
    this.#settings = settings;
    const providers = Object.entries(settings.providers);
    for (const [id, provider] of providers) for (const issuer of issuersOf(provider)) this.#byIssuer.set(issuer, id);
    this.#opaque = providers
      .flatMap(([id, provider]) => tokenPrefixesOf(provider).map((prefix) => ({ prefix, provider: id })))
      .toSorted((one, other) => other.prefix.length - one.prefix.length);
    this.withoutCredential = providers.find(([, { preset }]) => preset === 'environment')?.[0];
  }

  /** @throws ConfigurationError when a provider's settings make no strategy */
  static async create(settings: Settings, contextOf: (id: string) => StrategyContext): Promise<SignIn> {
    const signIn = new SignIn(settings);
    for (const id of Object.keys(settings.providers)) {
      const context = contextOf(id);
      signIn.#passport.use(id, await createStrategy(context));
      if (context.settings.preset === 'apiKey') for (const { key } of context.settings.staticKeys) signIn.#staticKeys.push({ key: context.secret(key), provider: id });
    }
    return signIn;
  }

  /**
   * @param door the tenant whose own address was called
   * @returns the id of the one provider whose credential this is
   * @throws TokenError when it is nobody's
   */
  providerOf(token: string, door: string | undefined): string {
    const issuer = readIssuer(token);
    if (issuer === undefined) return this.#providerOfStaticKey(token) ?? this.#providerOfOpaque(token, door);
    const provider = this.#byIssuer.get(issuer);
    if (provider === undefined) throw new TokenError('unknown_issuer', 'the token is not from an identity provider of this gateway');
    return provider;
  }

  /** @throws TokenError when the credential is refused, GatewayError 503 when nobody can tell now */
  authenticate(provider: string, token: string): Promise<VerifiedToken> {
    return new Promise((resolve, reject) => {
      const request: TokenRequest = { token };
      const settle = (error: unknown, verified: VerifiedToken | false | undefined, info: unknown) => {
        if (error) return reject(error);
        if (verified) return resolve(verified);
        return reject(toRefusal(info));
      };
      this.#passport.authenticate(provider, { session: false }, settle)(request, {}, reject);
    });
  }

  /** Keys of the operator's own making have no beginning of ours: only the whole key tells. */
  #providerOfStaticKey(token: string): string | undefined {
    return this.#staticKeys.find(({ key }) => isSameSecret(key.reveal(), token))?.provider;
  }

  #providerOfOpaque(token: string, door: string | undefined): string {
    const longest = this.#opaque.find(({ prefix }) => token.startsWith(prefix))?.prefix;
    const alike = this.#opaque.filter(({ prefix }) => prefix === longest);
    const [first, second] = alike.length < 2 || door === undefined ? alike : alike.filter(({ provider }) => this.#opens(door, provider));
    if (first === undefined) throw new TokenError('unknown_issuer', 'the token is not from an identity provider of this gateway');
    if (second !== undefined) throw new TokenError('ambiguous_provider', 'several identity providers have tokens like this one; use your tenant\'s own address, /t/TENANT/mcp');
    return first.provider;
  }

  #opens(door: string, provider: string): boolean {
    const { tenants } = this.#settings;
    return Object.hasOwn(tenants, door) && tenants[door]?.rules.some((rule) => rule.provider === provider) === true;
  }
}

/** The issuer that a JWT claims, only to pick the strategy that will check it; undefined for what is no JWT or names none. */
function readIssuer(token: string): string | undefined {
  // Without split: this is on the path of every request.
  const start = token.indexOf('.') + 1;
  const end = start === 0 ? -1 : token.indexOf('.', start);
  if (end === -1 || token.includes('.', end + 1)) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.slice(start, end), 'base64url').toString());
    return typeof claims === 'object' && claims !== null && 'iss' in claims && typeof claims.iss === 'string' ? claims.iss : undefined;
  } catch {
    return undefined;
  }
}

function toRefusal(info: unknown): Error {
  const failure = Array.isArray(info) ? info[0] : info;
  if (failure instanceof GatewayError || failure instanceof TokenError) return failure;
  const name = failure instanceof Error ? failure.name : '';
  const message = failure instanceof Error ? failure.message : 'refused';
  if (name === 'TokenExpiredError') return new TokenError('expired', 'the token has expired', failure);
  if (name === 'NotBeforeError') return new TokenError('not_yet_valid', 'the token is not valid yet', failure);
  if (name === 'UnknownKeyError') return new TokenError('unknown_key', 'the token is signed with a key that its issuer does not publish', failure);
  return new TokenError('invalid', message.includes('signature') ? 'the signature of the token is not valid' : 'the token is not valid', failure);
}
