import type { ClientAuthentication } from './client.js';
import type { IssuerFetch } from './issuer-http.js';
import type { Secret } from './secret.js';
import { requestToken, type GrantedToken } from './token-grant.js';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:';

/** A token exchange (RFC 8693 §2.1). */
export interface TokenExchangeRequest {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
  readonly subjectToken: Secret;
  readonly actorToken: Secret | undefined;
  readonly requestedTokenType: 'access_token' | 'jwt';
  readonly audience: readonly string[];
  readonly resource: string | undefined;
  /** Scopes to ask for; none leaves the `scope` parameter out. */
  readonly scopes: readonly string[];
}

/**
 * Exchanges the subject token for one of the audience (RFC 8693).
 * @throws TokenGrantError for everything but a bearer token of the requested type
 */
export async function exchangeToken(request: TokenExchangeRequest, fetch: IssuerFetch): Promise<GrantedToken> {
  const { subjectToken, actorToken, requestedTokenType, audience, resource, scopes, ...client } = request;
  const parameters = new URLSearchParams({
    subject_token: subjectToken.reveal(),
    subject_token_type: `${TOKEN_TYPE}access_token`,
    requested_token_type: TOKEN_TYPE + requestedTokenType,
  });
  if (actorToken) {
    parameters.set('actor_token', actorToken.reveal());
    parameters.set('actor_token_type', `${TOKEN_TYPE}access_token`);
  }
  for (const one of audience) parameters.append('audience', one);
  if (resource !== undefined) parameters.set('resource', resource);
  if (scopes.length > 0) parameters.set('scope', scopes.join(' '));
  const confidential = actorToken ? [subjectToken, actorToken] : [subjectToken];
  return requestToken({ ...client, grantType: TOKEN_EXCHANGE, parameters, scopes, issuedTokenType: TOKEN_TYPE + requestedTokenType, confidential }, fetch);
}

/** An assertion as the grant (RFC 7523 §2.1). */
export interface AssertionRequest {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  /** Undefined where the assertion proves who asks. */
  readonly authentication: ClientAuthentication | undefined;
  readonly assertion: Secret;
  readonly scopes: readonly string[];
  /** Further parameters, such as Entra ID's `requested_token_use`. */
  readonly more: Readonly<Record<string, string>>;
}

/**
 * Obtains a token for the subject of an assertion (RFC 7523 §2.1).
 * @throws TokenGrantError for everything but a bearer token
 */
export async function exchangeAssertion({ assertion, scopes, more, ...client }: AssertionRequest, fetch: IssuerFetch): Promise<GrantedToken> {
  const parameters = new URLSearchParams({ assertion: assertion.reveal(), ...more });
  if (scopes.length > 0) parameters.set('scope', scopes.join(' '));
  return requestToken({ ...client, grantType: JWT_BEARER, parameters, scopes, confidential: [assertion] }, fetch);
}
