import { createIssuerFetch, discoverIssuer, IssuerKeys, type IssuerFetch, type Secret } from '@gatehouse-mcp/oauth';
import { createCheckedAgent } from '@gatehouse-mcp/egress';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import passport from 'passport';
import type { Agent } from 'undici';
import { LiveConfiguration, type LiveSnapshot } from '../config/live-configuration.js';
import type { ProviderSettings } from '../config/configuration.schema.js';
import { GatewayError } from '../errors/gateway.error.js';
import { LONGEST_TOKEN } from './bearer-token.js';
import { createOidcStrategy, type TokenRequest } from './strategies/oidc.strategy.js';
import { TokenError } from './token.error.js';
import { VerifiedTokenCache } from './verified-token.cache.js';
import type { VerifiedToken } from './verified-token.js';

/** IdP endpoints answer in this many milliseconds or count as down. */
const ISSUER_TIMEOUT_MS = 2_000;

/** One configuration revision's strategies. A new revision replaces it whole. */
interface Providers {
  readonly revision: string;
  /** Provider id by exact issuer. */
  readonly byIssuer: ReadonlyMap<string, string>;
  /** An own registry, with each strategy under its provider's id: passport's default one is global to the process. */
  readonly passport: passport.Authenticator;
}

/** Proves who a bearer token belongs to: picks the one strategy of its issuer, and remembers the answer for a bounded time. */
@Injectable()
export class TokenVerifier implements OnApplicationShutdown {
  readonly #cache = new VerifiedTokenCache();
  readonly #agent: Agent;
  readonly #fetch: IssuerFetch;
  /** Keys by issuer and its JWKS; they outlive a revision that changes neither. */
  readonly #keys = new Map<string, IssuerKeys>();
  #providers: Providers | undefined;

  constructor(live: LiveConfiguration) {
    this.#agent = createCheckedAgent(() => live.current.egress, { connectTimeout: ISSUER_TIMEOUT_MS });
    this.#fetch = createIssuerFetch(this.#agent, ISSUER_TIMEOUT_MS);
    live.onChange((snapshot) => {
      this.#providers = this.#build(snapshot);
      this.#cache.clear();
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.destroy();
  }

  /**
   * @throws TokenError when the token is refused, GatewayError 503 when nobody can tell now
   */
  async verify(token: Secret): Promise<VerifiedToken> {
    const text = token.reveal();
    if (text.length > LONGEST_TOKEN) throw new TokenError('too_long', 'the token is longer than 16 KB');
    const providers = this.#providers;
    const issuer = readIssuer(text);
    const provider = issuer === undefined ? undefined : providers?.byIssuer.get(issuer);
    if (!providers || provider === undefined) throw new TokenError('unknown_issuer', 'the token is not from an identity provider of this gateway');
    const key = VerifiedTokenCache.key(provider, providers.revision, text);
    const known = this.#cache.find(key);
    if (known) return known;
    const verified = await authenticate(providers.passport, provider, text);
    this.#cache.add(key, verified);
    return verified;
  }

  #build({ revision, settings }: LiveSnapshot): Providers {
    const byIssuer = new Map<string, string>();
    const registry = new passport.Passport();
    for (const [id, provider] of Object.entries(settings.providers)) {
      registry.use(id, createOidcStrategy(id, provider, settings.tenants, this.#keysOf(provider)));
      byIssuer.set(provider.issuer, id);
    }
    return { revision, byIssuer, passport: registry };
  }

  #keysOf({ issuer, jwksUri }: ProviderSettings): IssuerKeys {
    const name = `${issuer} ${jwksUri ?? ''}`;
    const keys = this.#keys.get(name) ?? new IssuerKeys(() => this.#fetchJwks(issuer, jwksUri));
    this.#keys.set(name, keys);
    return keys;
  }

  async #fetchJwks(issuer: string, configured: string | undefined): Promise<unknown> {
    const url = configured ?? (await discoverIssuer(issuer, this.#fetch)).jwksUri;
    const response = await this.#fetch(url, { headers: { accept: 'application/json' } });
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
    return response.json();
  }
}

/** A credential that fails stays failed: no other strategy is ever tried with it. */
function authenticate(registry: passport.Authenticator, strategy: string, token: string): Promise<VerifiedToken> {
  return new Promise((resolve, reject) => {
    const request: TokenRequest = { token };
    const settle = (error: unknown, verified: VerifiedToken | false | undefined, info: unknown) => {
      if (error) return reject(error);
      if (verified) return resolve(verified);
      return reject(toRefusal(info));
    };
    registry.authenticate(strategy, { session: false }, settle)(request, {}, reject);
  });
}

/** The issuer that the token claims, only to pick the strategy that will check it. */
function readIssuer(token: string): string | undefined {
  const [, payload, signature] = token.split('.', 4);
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
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
