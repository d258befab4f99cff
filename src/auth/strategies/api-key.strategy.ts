import { timingSafeEqual } from 'node:crypto';
import { ConfigurationError } from '../../config/configuration.error.js';
import type { ProviderOf } from '../../config/provider.schema.js';
import { hmacOf, isSameSecret, parseApiKey } from '../api-keys/api-key.format.js';
import { toCaller } from '../claims.js';
import { matchTenant } from '../tenant-rules.js';
import { TokenError } from '../token.error.js';
import { THIS_GATEWAY, type VerifiedToken } from '../verified-token.js';
import { BearerStrategy, type StrategyContext, type StrategyFactory } from './strategy.js';

type Context = StrategyContext<ProviderOf<'apiKey'>>;

/** What a key says of its caller, whether the database or the configuration has it. */
interface Grant {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** Seconds since the epoch. */
  readonly issuedAt: number | undefined;
  readonly expiresAt: number;
}

const SHORTEST_SECRET = 32;
/** Static keys have no end of their own; this is when the caller's identity is looked at again. */
const STATIC_LIFETIME_S = 3_600;
const REFUSED = 'the API key is not valid: it is unknown, has expired or was revoked';
const NOBODY = Buffer.alloc(32);

/** Our own keys. Nothing tells an unknown id from a wrong secret, in words or in time. */
export const createApiKeyStrategy: StrategyFactory<'apiKey'> = (context) => {
  const { id, settings, secret } = context;
  const hmacKey = settings.hmacKey === undefined ? undefined : secret(settings.hmacKey);
  if (hmacKey && hmacKey.reveal().length < SHORTEST_SECRET) throw tooShort(`providers.${id}.hmacKey`);
  const statics = settings.staticKeys.map((entry) => ({ ...entry, secret: secret(entry.key) }));
  for (const [index, entry] of statics.entries()) if (entry.secret.reveal().length < SHORTEST_SECRET) throw tooShort(`providers.${id}.staticKeys[${index}].key`);

  return new BearerStrategy((token) => {
    // Each is compared, so that the time does not tell which one was nearly right.
    const [found] = statics.filter((entry) => isSameSecret(entry.secret.reveal(), token));
    const expiresAt = Math.floor(Date.now() / 1_000) + STATIC_LIFETIME_S;
    if (found) return describe(context, { ...found, id: found.name, owner: found.name, issuedAt: undefined, expiresAt });
    const parts = parseApiKey(settings.prefix, token);
    const stored = parts === undefined ? undefined : context.apiKeys.find(parts.id);
    // Computed for unknown ids too, against a value that no HMAC is.
    const isRight = hmacKey !== undefined && parts !== undefined && timingSafeEqual(hmacOf(hmacKey, parts), stored?.hmac ?? NOBODY);
    if (!isRight || !stored || stored.provider !== id || stored.revokedAt !== null || stored.expiresAt.getTime() <= Date.now()) throw new TokenError('api_key', REFUSED);
    context.apiKeys.markUsed(stored.id);
    return describe(context, { ...stored, issuedAt: stored.createdAt.getTime() / 1_000, expiresAt: stored.expiresAt.getTime() / 1_000 });
  });
};

/** The key names its tenant; a rule that gives its owner another one is a contradiction, and so nobody's. */
function describe(context: Context, { id, owner, name, tenant, scopes, roles, issuedAt, expiresAt }: Grant): VerifiedToken {
  const claims = { sub: owner, name, jti: id, tenant, scope: scopes.join(' '), iat: issuedAt, exp: expiresAt };
  const ruled = matchTenant(context.tenants, context.id, claims);
  const caller = toCaller(context, claims, { kind: 'machine', roles });
  return { caller: Object.freeze({ ...caller, tenant: ruled === undefined || ruled === tenant ? tenant : undefined }), audiences: THIS_GATEWAY, isExchangeable: false };
}

const tooShort = (path: string) => new ConfigurationError('the configuration', [{ path, message: `is shorter than ${SHORTEST_SECRET} characters` }]);
