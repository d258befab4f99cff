import type { KeyObject } from 'node:crypto';
import { KeysUnavailableError, type IssuerKeys } from '@gatehouse-mcp/oauth';
import { Strategy } from 'passport-jwt';
import { canonicalIssuer, issuersOf } from '../../config/provider-identity.js';
import type { ProviderOf } from '../../config/provider.schema.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { CLOCK_SKEW_S, judgeClaims, judgeKind, readAudiences, toCaller, type Identity } from '../claims.js';
import { readJwtPart } from '../jwt-part.js';
import type { Claims } from '../tenant-rules.js';
import { TokenError } from '../token.error.js';
import type { VerifiedToken } from '../verified-token.js';
import type { StrategyContext, TokenRequest } from './strategy.js';

type OidcPreset = 'oidc' | 'keycloak' | 'okta' | 'auth0';

/** How one kind of issuer's JWTs are verified and read. */
export interface JwtRules {
  readonly issuers: readonly string[];
  readonly algorithms: readonly string[];
  /** The keys of the token's issuer, which is one of `issuers`. */
  keysOf(issuer: string): IssuerKeys;
  /** Called with claims whose signature, issuer, times and binding hold. @throws TokenError */
  read(claims: Claims): VerifiedToken | Promise<VerifiedToken>;
}

interface Lifetime {
  readonly maxTokenLifetime: number;
}

interface JoseHeader {
  readonly alg?: unknown;
  readonly kid?: unknown;
  readonly typ?: unknown;
  readonly crit?: unknown;
}

/** Media types of access tokens (RFC 9068 §2.1) and of plain JWTs, as `typ` abbreviates them. */
const TOKEN_TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/** Any OpenID Connect issuer: one issuer, keys by discovery, the standard claims. */
export function createOidcStrategy(context: StrategyContext<ProviderOf<OidcPreset>>): Strategy {
  const { settings } = context;
  const issuer = canonicalIssuer(settings) ?? '';
  const keys = context.keys(issuer, { jwksUri: settings.jwksUri });
  return createJwtStrategy(settings, {
    issuers: issuersOf(settings),
    algorithms: settings.algorithms,
    keysOf: () => keys,
    read: (claims) => {
      if (settings.preset !== 'oidc' || settings.tokenKind === 'access_token') judgeKind(claims);
      return {
        caller: toCaller(context, claims, identityOf(settings, claims)),
        audiences: readAudiences(claims, settings.preset === 'oidc' ? settings.audienceClaim : 'aud'),
        isExchangeable: true,
      };
    },
  });
}

/** A login name is no key: Okta's `sub` changes with it, `uid` does not. */
function identityOf(settings: ProviderOf<OidcPreset>, claims: Claims): Identity {
  const claim = settings.preset === 'oidc' ? settings.subjectClaim : settings.preset === 'okta' ? 'uid' : 'sub';
  const isAuth0Machine = settings.preset === 'auth0' && (claims['gty'] === 'client-credentials' || claims['sub'] === `${String(claims['azp'])}@clients`);
  if (claim === 'sub') return isAuth0Machine ? { kind: 'machine' } : {};
  const subject = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  if (typeof subject === 'string' && subject !== '' && subject.length <= 255) return { subject };
  // A client of Okta's acts for itself: its `sub` is its client id, and it has no uid.
  if (settings.preset === 'okta' && claims['cid'] === claims['sub']) return { kind: 'machine' };
  throw new TokenError('no_subject', `the token has no ${claim}, which is this provider's user key`);
}

/** Verifies JWT access tokens: header and key, signature, issuer, times, binding; then `rules.read` judges the rest. */
export function createJwtStrategy(settings: Lifetime, rules: JwtRules): Strategy {
  return new Strategy(
    {
      jwtFromRequest: (request) => tokenOf(request),
      secretOrKeyProvider: (_, token: string, done: (error: unknown, key?: never) => void) => {
        // passport-jwt's types know PEM text only; jsonwebtoken below it takes a KeyObject.
        findKey(rules, token).then((key) => done(null, key as never), done);
      },
      issuer: [...rules.issuers],
      // The header was judged against the same list; the library's type is narrower than text.
      algorithms: [...rules.algorithms] as never,
      jsonWebTokenOptions: { clockTolerance: CLOCK_SKEW_S },
    },
    (claims: Claims, done: (error: unknown, verified?: VerifiedToken | false, info?: unknown) => void) => {
      readClaims(rules, claims, settings).then(
        (verified) => done(null, verified),
        (error: unknown) => (error instanceof TokenError ? done(null, false, error) : done(error)),
      );
    },
  );
}

async function readClaims(rules: JwtRules, claims: Claims, settings: Lifetime): Promise<VerifiedToken> {
  judgeClaims(claims, settings, Date.now() / 1_000);
  return rules.read(claims);
}

async function findKey(rules: JwtRules, token: string): Promise<KeyObject> {
  const [header, payload] = token.split('.', 2).map(readJwtPart);
  if (!header || !payload) throw new TokenError('malformed', 'the token is not a JWT');
  const { alg, kid } = judgeHeader(header, rules.algorithms);
  const issuer = String(payload['iss']);
  if (!rules.issuers.includes(issuer)) throw new TokenError('unknown_issuer', 'the token is not from this provider');
  try {
    const found = await rules.keysOf(issuer).find(kid);
    if (found.algorithm !== alg) throw new TokenError('algorithm', 'the token is not signed with the algorithm of its key');
    return found.key;
  } catch (error) {
    if (!(error instanceof KeysUnavailableError)) throw error;
    throw new GatewayError({ code: 'identity_provider_unavailable', status: 503 }, 'the keys of the identity provider cannot be fetched now', {
      cause: error,
      headers: { 'retry-after': String(error.retryAfter) },
    });
  }
}

/** Everything here is checked before any network access. Key references (`jku`, `x5u`, `jwk`) are never looked at. */
function judgeHeader({ alg, kid, typ, crit }: JoseHeader, algorithms: readonly string[]): { alg: string; kid: string } {
  if (typeof alg !== 'string' || !algorithms.includes(alg)) throw new TokenError('algorithm', 'the token is signed with an algorithm that this provider does not allow');
  if (typeof kid !== 'string' || kid === '' || kid.length > 256) throw new TokenError('no_key_id', 'the token names no key');
  if (crit !== undefined) throw new TokenError('critical_header', 'the token has critical header parameters that are not understood');
  if (typ !== undefined && !(typeof typ === 'string' && TOKEN_TYPES.has(typ.toLowerCase()))) throw new TokenError('token_type', 'the token is not an access token');
  return { alg, kid };
}

// passport hands strategies the request it was given, which is a TokenRequest (sign-in.ts).
function tokenOf(request: unknown): string {
  return (request as TokenRequest).token;
}
