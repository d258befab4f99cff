import * as oauth from 'oauth4webapi';
import { requestOptions, toClientAuth, type ClientAuthentication } from './client.js';
import { describeFailure } from './failure.js';
import type { IssuerFetch } from './issuer-http.js';
import type { Secret } from './secret.js';
import { requestToken, TokenGrantError, type GrantedToken } from './token-grant.js';

/** A client of an authorization server. */
export interface ClientAtServer {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  /** Undefined for a public client, whose `client_id` alone goes along. */
  readonly authentication: ClientAuthentication | undefined;
}

/** An access token request with a code (RFC 6749 §4.1.3, RFC 7636 §4.5). */
export interface AuthorizationCodeRequest extends ClientAtServer {
  readonly code: Secret;
  readonly verifier: Secret;
  /** The same as in the authorization request. */
  readonly redirectUri: string;
  /** Those asked for. */
  readonly scopes: readonly string[];
  /** What the token is for (RFC 8707 §2.2); left out when undefined. */
  readonly resource?: string | undefined;
}

/**
 * The tokens for a code.
 * @throws TokenGrantError for everything but a bearer token
 */
export async function grantAuthorizationCode({ code, verifier, redirectUri, resource, ...client }: AuthorizationCodeRequest, fetch: IssuerFetch): Promise<GrantedToken> {
  const parameters = withClient(client, { code: code.reveal(), code_verifier: verifier.reveal(), redirect_uri: redirectUri, ...(resource === undefined ? {} : { resource }) });
  return requestToken({ ...client, grantType: 'authorization_code', parameters, confidential: [code, verifier] }, fetch);
}

/** A refresh (RFC 6749 §6). */
export interface RefreshRequest extends ClientAtServer {
  readonly refreshToken: Secret;
  /** What the grant has: what an answer without `scope` means. Not sent, so that the server leaves them as they are. */
  readonly scopes: readonly string[];
  /** Awaited right before the refresh token leaves; when it throws, it does not. */
  readonly beforeSending: () => Promise<void>;
}

/**
 * New tokens for a refresh token. An answer without one means that the old one stays good.
 * @throws TokenGrantError
 */
export async function refreshTokens({ refreshToken, beforeSending, ...client }: RefreshRequest, fetch: IssuerFetch): Promise<GrantedToken> {
  const parameters = withClient(client, { refresh_token: refreshToken.reveal() });
  return requestToken({ ...client, grantType: 'refresh_token', parameters, confidential: [refreshToken] }, (url, init) => fetch(url, { ...init, beforeSending }));
}

/** A revocation (RFC 7009 §2.1). */
export interface RevocationRequest extends Omit<ClientAtServer, 'tokenEndpoint'> {
  readonly revocationEndpoint: string;
  readonly token: Secret;
  readonly kind: 'refresh_token' | 'access_token';
}

/**
 * Ends a token at its server; one that the server does not know counts as ended (RFC 7009 §2.2).
 * @throws TokenGrantError `unreachable`, or with the server's own code
 */
export async function revokeToken({ issuer, revocationEndpoint, clientId, authentication, token, kind }: RevocationRequest, fetch: IssuerFetch): Promise<void> {
  const server: oauth.AuthorizationServer = { issuer, revocation_endpoint: revocationEndpoint };
  const authenticate = authentication ? toClientAuth(authentication) : oauth.None();
  let status: number;
  try {
    const response = await oauth.revocationRequest(server, { client_id: clientId }, authenticate, token.reveal(), { ...requestOptions(fetch), additionalParameters: { token_type_hint: kind } });
    await response.body?.cancel();
    status = response.status;
  } catch (error) {
    throw new TokenGrantError('unreachable', `the revocation endpoint cannot be reached (${describeFailure(error)})`, undefined, error);
  }
  if (status !== 200 && status !== 204) throw new TokenGrantError('revocation_refused', `the revocation endpoint answered ${status}`, undefined, undefined);
}

/** A public client names itself in the form (RFC 6749 §3.2.1); any other by its proof. */
function withClient({ clientId, authentication }: Pick<ClientAtServer, 'clientId' | 'authentication'>, parameters: Readonly<Record<string, string>>): URLSearchParams {
  return new URLSearchParams({ ...parameters, ...(authentication ? {} : { client_id: clientId }) });
}
