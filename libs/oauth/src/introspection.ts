import * as oauth from 'oauth4webapi';
import { requestOptions, toClientAuth, type ClientAuthentication } from './client.js';
import type { IssuerFetch } from './issuer-http.js';
import type { Secret } from './secret.js';

/** A question about a token (RFC 7662 §2.1) and who asks. */
export interface IntrospectionRequest {
  readonly issuer: string;
  readonly endpoint: string;
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
  readonly token: Secret;
}

/** The endpoint gave no answer that says whether the token is active; `message` says what it gave. */
export class IntrospectionError extends Error {
  readonly code = 'introspection_failed';
  override readonly name = 'IntrospectionError';
}

/**
 * Asks the authorization server whether a token is active.
 * @returns the members of the answer (RFC 7662 §2.2), or undefined when the token is not active
 * @throws IntrospectionError when the answer is none, and whatever `fetch` throws
 */
export async function introspectToken(request: IntrospectionRequest, fetch: IssuerFetch): Promise<Readonly<Record<string, unknown>> | undefined> {
  const server: oauth.AuthorizationServer = { issuer: request.issuer, introspection_endpoint: request.endpoint };
  const client: oauth.Client = { client_id: request.clientId };
  const response = await oauth.introspectionRequest(server, client, toClientAuth(request.authentication), request.token.reveal(), {
    ...requestOptions(fetch),
    // A signed answer (RFC 9701) is for servers that are asked for one.
    requestJwtResponse: false,
  });
  const { status } = response;
  try {
    const { active, ...members } = await oauth.processIntrospectionResponse(server, client, response);
    return active ? members : undefined;
  } catch (error) {
    const reason = error instanceof oauth.ResponseBodyError ? error.error : status === 200 ? 'the answer is no introspection response' : `status ${status}`;
    throw new IntrospectionError(`the introspection endpoint refused the question (${reason})`, { cause: error });
  }
}
