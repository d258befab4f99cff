import * as oauth from 'oauth4webapi';
import { requestOptions, toClientAuth } from './client.js';
import { describeFailure } from './failure.js';
import type { IssuerFetch } from './issuer-http.js';
import { Secret } from './secret.js';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** A token exchange request (RFC 8693 §2.1) and how the client proves who it is. */
export interface TokenExchangeRequest {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post';
  readonly subjectToken: Secret;
  readonly audience: readonly string[];
  readonly resource: string | undefined;
  /** Scopes to ask for; none leaves the `scope` parameter out. */
  readonly scopes: readonly string[];
}

/** What came back (RFC 8693 §2.2.1). */
export interface ExchangedToken {
  readonly accessToken: Secret;
  /** Seconds, as the server said. */
  readonly expiresIn: number | undefined;
  /** Granted scopes; the requested ones when the server names none, which means they are the same (RFC 6749 §5.1). */
  readonly scopes: readonly string[];
}

/** The exchange brought no token. `error` is the server's own code, or `unreachable` / `invalid_response`. */
export class TokenExchangeError extends Error {
  override readonly name = 'TokenExchangeError';

  constructor(
    readonly error: string,
    message: string,
    /** Seconds that the server asked us to wait. */
    readonly retryAfter: number | undefined,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/**
 * Exchanges the subject token for one of the audience (RFC 8693).
 * @throws TokenExchangeError for everything but an issued access token; its message holds no token
 */
export async function exchangeToken(request: TokenExchangeRequest, fetch: IssuerFetch, signal?: AbortSignal): Promise<ExchangedToken> {
  const server: oauth.AuthorizationServer = { issuer: request.issuer, token_endpoint: request.tokenEndpoint };
  const client: oauth.Client = { client_id: request.clientId };
  let response: Response;
  try {
    response = await oauth.genericTokenEndpointRequest(server, client, clientAuthentication(request), GRANT_TYPE, exchangeParameters(request), requestOptions(fetch, signal));
  } catch (error) {
    throw new TokenExchangeError('unreachable', `the token endpoint cannot be reached (${describeFailure(error)})`, undefined, error);
  }
  const retryAfter = Number(response.headers.get('retry-after')) || undefined;
  try {
    return judgeResponse(await oauth.processGenericTokenEndpointResponse(server, client, response), request.scopes);
  } catch (error) {
    throw describeRefusal(error, response.status, retryAfter);
  }
}

function exchangeParameters(request: TokenExchangeRequest): URLSearchParams {
  const parameters = new URLSearchParams({
    subject_token: request.subjectToken.reveal(),
    subject_token_type: ACCESS_TOKEN,
    requested_token_type: ACCESS_TOKEN,
  });
  for (const audience of request.audience) parameters.append('audience', audience);
  if (request.resource) parameters.set('resource', request.resource);
  if (request.scopes.length > 0) parameters.set('scope', request.scopes.join(' '));
  return parameters;
}

function clientAuthentication({ clientAuthentication: method, clientSecret: secret }: TokenExchangeRequest): oauth.ClientAuth {
  return toClientAuth({ method, secret });
}

function judgeResponse(answer: oauth.TokenEndpointResponse, requested: readonly string[]): ExchangedToken {
  if (answer.token_type !== 'bearer') throw new TypeError(`the token type is ${answer.token_type}, not bearer`);
  return {
    accessToken: new Secret(answer.access_token),
    expiresIn: answer.expires_in,
    scopes: answer.scope === undefined ? requested : answer.scope.split(' ').filter(Boolean),
  };
}

function describeRefusal(error: unknown, status: number, retryAfter: number | undefined): TokenExchangeError {
  if (error instanceof oauth.ResponseBodyError) {
    const description = error.error_description ? `: ${error.error_description}` : '';
    return new TokenExchangeError(error.error, `${error.error}${description}`, retryAfter, error);
  }
  if (status === 429 || status >= 500) {
    return new TokenExchangeError('unreachable', `the token endpoint answered ${status}`, retryAfter, error);
  }
  return new TokenExchangeError('invalid_response', `the token endpoint's answer (${status}) is not a token response`, retryAfter, error);
}
