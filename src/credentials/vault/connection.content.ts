import { Secret, type GrantedToken } from '@gatehouse-mcp/oauth';
import type { Tenant } from '../../context/tenant.js';
import type { ConnectionKey, NewContent } from './connection.store.js';
import type { DataKeys, Sealed } from './data-keys.js';

/** Tokens of an account. */
export interface AccountTokens {
  readonly accessToken: Secret;
  readonly refreshToken: Secret | undefined;
}

/** A key, or a user name and a password. */
export interface KeptSecret {
  readonly username: string | undefined;
  readonly secret: Secret;
}

/** A text sealed for one connection of one user opens for no other. */
export const connectionContext = ({ name, issuer, subject }: ConnectionKey): readonly string[] => ['connection', name, issuer, subject];

/** @param before the refresh token that stays good when the server sends no other (RFC 6749 §6) */
export async function sealAccount(keys: DataKeys, tenant: Tenant, key: ConnectionKey, token: GrantedToken, scopes: readonly string[] | null, before?: Secret): Promise<NewContent> {
  const refreshToken = token.refreshToken ?? before;
  const text = JSON.stringify({ accessToken: token.accessToken.reveal(), refreshToken: refreshToken?.reveal() });
  const expiresAt = token.expiresIn === undefined ? null : new Date(Date.now() + token.expiresIn * 1_000);
  return { ...(await keys.seal(tenant, text, connectionContext(key))), scopes, expiresAt };
}

export async function openAccount(keys: DataKeys, tenant: Tenant, key: ConnectionKey, sealed: Sealed): Promise<AccountTokens> {
  const { accessToken = '', refreshToken } = await openTexts(keys, tenant, key, sealed);
  return { accessToken: new Secret(accessToken), refreshToken: refreshToken === undefined ? undefined : new Secret(refreshToken) };
}

export async function sealSecret(keys: DataKeys, tenant: Tenant, key: ConnectionKey, { username, secret }: KeptSecret): Promise<NewContent> {
  return { ...(await keys.seal(tenant, JSON.stringify({ username, secret: secret.reveal() }), connectionContext(key))), scopes: null, expiresAt: null };
}

export async function openSecret(keys: DataKeys, tenant: Tenant, key: ConnectionKey, sealed: Sealed): Promise<KeptSecret> {
  const { username, secret = '' } = await openTexts(keys, tenant, key, sealed);
  return { username, secret: new Secret(secret) };
}

async function openTexts(keys: DataKeys, tenant: Tenant, key: ConnectionKey, sealed: Sealed): Promise<Readonly<Record<string, string | undefined>>> {
  // What was sealed is what the functions above wrote: the seal vouches for it.
  return JSON.parse(await keys.open(tenant, sealed, connectionContext(key))) as Record<string, string | undefined>;
}
