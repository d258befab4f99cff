import type { ProviderSettings } from '../config/configuration.schema.js';
import type { Caller } from '../context/caller.js';
import type { Claims } from './tenant-rules.js';
import { TokenError } from './token.error.js';

/** Accepted difference between our clock and an issuer's, in seconds. */
export const CLOCK_SKEW_S = 60;

/**
 * Judges what neither the signature nor the issuer settles: lifetime, kind and binding of the token.
 * `exp` and `nbf` against the clock are the JWT library's; that `exp` is there at all is not.
 * @param now seconds since the epoch
 * @throws TokenError
 */
export function judgeClaims(claims: Claims, provider: ProviderSettings, now: number): void {
  const { exp, iat, sub, cnf } = claims;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) throw new TokenError('no_expiry', 'the token has no expiry');
  if (exp - now > provider.maxTokenLifetime / 1_000 + CLOCK_SKEW_S) throw new TokenError('lifetime', 'the token lives longer than this provider allows');
  if (iat !== undefined && (typeof iat !== 'number' || iat > now + CLOCK_SKEW_S)) throw new TokenError('issued_in_future', 'the token was issued in the future');
  if (typeof sub !== 'string' || sub === '' || sub.length > 255) throw new TokenError('no_subject', 'the token has no subject');
  if (cnf !== undefined) throw new TokenError('sender_constrained', 'the token is bound to a key (cnf), which a plain Bearer request does not prove');
}

/** `aud` as a list; an audience of another type is none. */
export function readAudiences({ aud }: Claims): readonly string[] {
  if (typeof aud === 'string') return [aud];
  return Array.isArray(aud) && aud.every((value) => typeof value === 'string') ? aud : [];
}

export function toCaller(id: string, provider: ProviderSettings, claims: Claims, tenant: string | undefined): Caller {
  const { client_id: clientId, azp, sub, exp } = claims;
  const client = typeof clientId === 'string' ? clientId : typeof azp === 'string' ? azp : undefined;
  return Object.freeze({
    provider: id,
    issuer: provider.issuer,
    subject: String(sub),
    // A client acting for itself is its own subject (RFC 9068 §2.2).
    kind: client !== undefined && client === sub ? 'machine' : 'user',
    clientId: client,
    scopes: new Set(readScopes(claims)),
    roles: new Set(readRoles(provider, claims)),
    tenant,
    expiresAt: Number(exp),
  });
}

function readScopes({ scope, scp }: Claims): readonly string[] {
  const value = scope ?? scp;
  if (typeof value === 'string') return value.split(' ').filter(Boolean);
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function readRoles({ roles }: ProviderSettings, claims: Claims): readonly string[] {
  if (!roles || !Object.hasOwn(claims, roles.claim)) return [];
  const value = claims[roles.claim];
  const names = (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
  const map = roles.map;
  return map ? names.flatMap((name) => (Object.hasOwn(map, name) ? [map[name] ?? name] : [])) : names;
}
