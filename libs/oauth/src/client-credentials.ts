import * as oauth from 'oauth4webapi';
import { requestOptions, toClientAuth, type ClientAuthentication } from './client.js';
import type { IssuerFetch } from './issuer-http.js';
import { Secret } from './secret.js';

/** A client credentials grant (RFC 6749 §4.4.2). */
export interface ClientCredentialsRequest {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
  readonly scope: string;
}

/**
 * A token that a client obtains for itself.
 * @returns the access token and its life in seconds, when the server says it
 * @throws Error for every other answer; its message holds no secret
 */
export async function grantClientCredentials(request: ClientCredentialsRequest, fetch: IssuerFetch): Promise<{ readonly accessToken: Secret; readonly expiresIn: number | undefined }> {
  const server: oauth.AuthorizationServer = { issuer: request.issuer, token_endpoint: request.tokenEndpoint };
  const client: oauth.Client = { client_id: request.clientId };
  const response = await oauth.clientCredentialsGrantRequest(server, client, toClientAuth(request.authentication), { scope: request.scope }, requestOptions(fetch));
  const answer = await oauth.processClientCredentialsResponse(server, client, response);
  return { accessToken: new Secret(answer.access_token), expiresIn: answer.expires_in };
}
