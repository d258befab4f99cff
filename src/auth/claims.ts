import { canonicalIssuer } from '../config/provider-identity.js';
import type { ProviderSettings, RoleClaim } from '../config/provider.schema.js';
import type { LiveSettings } from '../config/configuration.schema.js';
import type { Caller } from '../context/caller.js';
import { matchTenant, readVerifiedEmail, type Claims } from './tenant-rules.js';
import { TokenError } from './token.error.js';

/** Accepted difference between our clock and an issuer's, in seconds. */
export const CLOCK_SKEW_S = 60;

/** The provider that claims are read for. */
interface Provider {
  readonly id: string;
  readonly settings: ProviderSettings;
  readonly tenants: LiveSettings['tenants'];
}

/** What a provider says in its own way, where it differs from the standard claims. */
export interface Identity {
  /** Default: the provider's issuer. */
  readonly issuer?: string;
  /** Stable user key; default `sub`. */
  readonly subject?: string;
  readonly kind?: Caller['kind'];
  readonly clientId?: string | undefined;
  /** Roles besides those that `roles` of the provider reads from claims. */
  readonly roles?: readonly string[];
}

/**
 * Judges what neither the signature nor the issuer settles: lifetime and binding of the token, and that it names somebody.
 * @param now seconds since the epoch
 * @throws TokenError
 */
export function judgeClaims(claims: Claims, { maxTokenLifetime }: { readonly maxTokenLifetime: number }, now: number): void {
  const { exp, nbf, iat, sub, cnf } = claims;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) throw new TokenError('no_expiry', 'the token has no expiry');
  if (now >= exp + CLOCK_SKEW_S) throw new TokenError('expired', 'the token has expired');
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + CLOCK_SKEW_S)) throw new TokenError('not_yet_valid', 'the token is not valid yet');
  if (exp - now > maxTokenLifetime / 1_000 + CLOCK_SKEW_S) throw new TokenError('lifetime', 'the token lives longer than this provider allows');
  if (iat !== undefined && (typeof iat !== 'number' || iat > now + CLOCK_SKEW_S)) throw new TokenError('issued_in_future', 'the token was issued in the future');
  if (typeof sub !== 'string' || sub === '' || sub.length > 255) throw new TokenError('no_subject', 'the token has no subject');
  if (cnf !== undefined) throw new TokenError('sender_constrained', 'the token is bound to a key (cnf), which a plain Bearer request does not prove');
}

/** `typ` claims of what Keycloak issues besides access tokens. */
const BEARER_TYPES = new Set(['bearer', 'dpop']);

/**
 * Refuses what is signed by the same keys and is no access token: ID tokens (OpenID Connect Core §2), refresh and logout tokens.
 * @throws TokenError
 */
export function judgeKind({ typ, token_use: use, at_hash: atHash, c_hash: codeHash, nonce, events }: Claims): void {
  const isBearer = typeof typ === 'string' && BEARER_TYPES.has(typ.toLowerCase());
  if (typ !== undefined && !isBearer) throw new TokenError('token_type', 'the token is not an access token (its typ says so)');
  if (use !== undefined && use !== 'access') throw new TokenError('token_type', 'the token is not an access token (its token_use says so)');
  if (atHash !== undefined || codeHash !== undefined || (nonce !== undefined && !isBearer)) throw new TokenError('id_token', 'the token is an ID token, which is for the client and not for an API');
  if (events !== undefined) throw new TokenError('token_type', 'the token is a security event, not an access token');
}

/** An audience claim as a list; an audience of another type is none. */
export function readAudiences(claims: Claims, claim = 'aud'): readonly string[] {
  const audience = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  if (typeof audience === 'string') return [audience];
  return Array.isArray(audience) && audience.every((value) => typeof value === 'string') ? audience : [];
}

/** The caller that judged claims describe. */
export function toCaller({ id, settings, tenants }: Provider, claims: Claims, identity: Identity = {}): Caller {
  const { client_id: clientId, azp, cid, appid, sub, exp, iat, jti } = claims;
  const client = identity.clientId ?? [clientId, azp, cid, appid].find(isText);
  const roles = 'roles' in settings && settings.preset !== 'environment' ? readRoles(settings.roles, claims) : [];
  return Object.freeze({
    provider: id,
    issuer: identity.issuer ?? canonicalIssuer(settings) ?? id,
    subject: identity.subject ?? String(sub),
    // A client acting for itself is its own subject (RFC 9068 §2.2).
    kind: identity.kind ?? (client !== undefined && client === sub ? 'machine' : 'user'),
    clientId: client,
    actors: readActors(claims['act']),
    name: [claims['name'], claims['preferred_username'], claims['username']].find(isText),
    email: isText(claims['email']) ? claims['email'] : undefined,
    verifiedEmail: readVerifiedEmail(claims)?.address,
    scopes: new Set(readScopes(claims)),
    roles: new Set([...roles, ...(identity.roles ?? [])]),
    tenant: matchTenant(tenants, id, claims),
    authentication: readAuthentication(claims),
    tokenId: isText(jti) ? jti : undefined,
    issuedAt: typeof iat === 'number' ? iat : undefined,
    expiresAt: Number(exp),
  });
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 255;
const isTextList = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');

function readScopes({ scope, scp }: Claims): readonly string[] {
  const value = scope ?? scp;
  if (typeof value === 'string') return value.split(' ').filter(Boolean);
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Deeper delegation than this is nobody's to read. */
const MOST_ACTORS = 8;

/** The chain of `act` claims: the current actor, then who it acts for (RFC 8693 §4.1). */
function readActors(act: unknown): readonly string[] {
  const actors: string[] = [];
  for (let actor = act; typeof actor === 'object' && actor !== null && actors.length < MOST_ACTORS; actor = 'act' in actor ? actor.act : undefined) {
    const subject = 'sub' in actor ? actor.sub : 'client_id' in actor ? actor.client_id : undefined;
    if (isText(subject)) actors.push(subject);
  }
  return actors;
}

function readAuthentication({ auth_time: at, acr, amr }: Claims): Caller['authentication'] {
  return { at: typeof at === 'number' ? at : undefined, context: isText(acr) ? acr : undefined, methods: isTextList(amr) ? amr : [] };
}

/** A value without a place in a declared mapping is no role. */
function readRoles(declared: RoleClaim | RoleClaim[] | undefined, claims: Claims): readonly string[] {
  return [declared ?? []].flat().flatMap(({ claim, map }) => {
    const value = readClaim(claims, claim);
    const names = (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
    return map ? names.flatMap((name) => (Object.hasOwn(map, name) ? [map[name] ?? name] : [])) : names;
  });
}

function readClaim(claims: Claims, claim: string | readonly string[]): unknown {
  let value: unknown = claims;
  for (const name of typeof claim === 'string' ? [claim] : claim) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}
