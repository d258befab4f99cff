import type { KeyObject } from 'node:crypto';
import { KeysUnavailableError, type IssuerKeys } from '@gatehouse-mcp/oauth';
import { Strategy } from 'passport-jwt';
import type { LiveSettings, ProviderSettings } from '../../config/configuration.schema.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { CLOCK_SKEW_S, judgeClaims, readAudiences, toCaller } from '../claims.js';
import { matchTenant, type Claims } from '../tenant-rules.js';
import { TokenError } from '../token.error.js';
import type { VerifiedToken } from '../verified-token.js';

/** What a strategy is asked to verify, in place of a whole HTTP request. */
export interface TokenRequest {
  readonly token: string;
}

interface JoseHeader {
  readonly alg?: unknown;
  readonly kid?: unknown;
  readonly typ?: unknown;
  readonly crit?: unknown;
}

/** Media types of access tokens (RFC 9068 §2.1) and of plain JWTs, as `typ` abbreviates them. */
const TOKEN_TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/** Verifies the JWT access tokens of one OpenID Connect issuer: signature, issuer, times, kind. The audience is the guard's. */
export function createOidcStrategy(id: string, provider: ProviderSettings, tenants: LiveSettings['tenants'], keys: IssuerKeys): Strategy {
  return new Strategy(
    {
      jwtFromRequest: (request) => tokenOf(request),
      secretOrKeyProvider: (_, token: string, done: (error: unknown, key?: never) => void) => {
        // passport-jwt's types know PEM text only; jsonwebtoken below it takes a KeyObject.
        findKey(provider, keys, token).then((key) => done(null, key as never), done);
      },
      issuer: provider.issuer,
      algorithms: provider.algorithms,
      jsonWebTokenOptions: { clockTolerance: CLOCK_SKEW_S },
    },
    (claims: Claims, done: (error: unknown, verified?: VerifiedToken | false, info?: unknown) => void) => {
      try {
        judgeClaims(claims, provider, Date.now() / 1_000);
        done(null, { caller: toCaller(id, provider, claims, matchTenant(tenants, id, claims)), audiences: readAudiences(claims) });
      } catch (error) {
        done(null, false, error);
      }
    },
  );
}

async function findKey(provider: ProviderSettings, keys: IssuerKeys, token: string): Promise<KeyObject> {
  const { alg, kid } = judgeHeader(readHeader(token), provider);
  try {
    const found = await keys.find(kid);
    if (found.algorithm !== alg) throw new TokenError('algorithm', 'the token is not signed with the algorithm of its key');
    return found.key;
  } catch (error) {
    if (!(error instanceof KeysUnavailableError)) throw error;
    throw new GatewayError({ code: 'identity_provider_unavailable', status: 503 }, 'the keys of the identity provider cannot be fetched now', {
      cause: error,
      headers: { 'retry-after': '10' },
    });
  }
}

/** Everything here is checked before any network access. Key references (`jku`, `x5u`, `jwk`) are never looked at. */
function judgeHeader({ alg, kid, typ, crit }: JoseHeader, provider: ProviderSettings): { alg: string; kid: string } {
  if (typeof alg !== 'string' || !provider.algorithms.some((allowed) => allowed === alg)) throw new TokenError('algorithm', 'the token is signed with an algorithm that this provider does not allow');
  if (typeof kid !== 'string' || kid === '' || kid.length > 256) throw new TokenError('no_key_id', 'the token names no key');
  if (crit !== undefined) throw new TokenError('critical_header', 'the token has critical header parameters that are not understood');
  if (typ !== undefined && !(typeof typ === 'string' && TOKEN_TYPES.has(typ.toLowerCase()))) throw new TokenError('token_type', 'the token is not an access token');
  return { alg, kid };
}

function readHeader(token: string): JoseHeader {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString());
    if (typeof header === 'object' && header !== null) return header;
  } catch {
    // Falls through: not JSON is as malformed as not an object.
  }
  throw new TokenError('malformed', 'the token is not a JWT');
}

// passport hands strategies the request it was given, which is a TokenRequest (token.verifier.ts).
function tokenOf(request: unknown): string {
  return (request as TokenRequest).token;
}
