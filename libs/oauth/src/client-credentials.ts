import type { ClientAuthentication } from './client.js';
import type { IssuerFetch } from './issuer-http.js';
import { requestToken, type GrantedToken } from './token-grant.js';

/** A client credentials grant (RFC 6749 §4.4.2). */
export interface ClientCredentialsRequest {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
  /** Scopes separated by spaces; undefined leaves them to the server. */
  readonly scope: string | undefined;
  /** Whom the token is for, in the words of servers that ask for it (Auth0). */
  readonly audience?: string | undefined;
  /** The same as a URL (RFC 8707). */
  readonly resource?: string | undefined;
}

/**
 * A token that a client obtains for itself.
 * @throws TokenGrantError for everything but a bearer token
 */
export async function grantClientCredentials({ scope, audience, resource, ...client }: ClientCredentialsRequest, fetch: IssuerFetch): Promise<GrantedToken> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ scope, audience, resource })) if (value !== undefined) parameters.set(name, value);
  return requestToken({ ...client, grantType: 'client_credentials', parameters, scopes: scope?.split(' ').filter(Boolean) ?? [], confidential: [] }, fetch);
}
