import { hash, randomBytes } from 'node:crypto';
import { Secret } from './secret.js';

/** Proof key of one authorization (RFC 7636). */
export interface Pkce {
  readonly verifier: Secret;
  /** S256 challenge of the verifier. */
  readonly challenge: string;
}

/** A verifier of 256 bits and its S256 challenge (RFC 7636 §4.1, §4.2). */
export function createPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier: new Secret(verifier), challenge: hash('sha256', verifier, 'base64url') };
}

/** An authorization request (RFC 6749 §4.1.1). */
export interface AuthorizationRequest {
  readonly authorizationEndpoint: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
  /** S256 challenge. */
  readonly challenge: string;
  /** None leaves the parameter out. */
  readonly scopes: readonly string[];
  /** What a server wants besides, such as `audience` or `access_type`. Cannot take the place of any parameter above. */
  readonly more: Readonly<Record<string, string>>;
}

/** Where to send the browser. A query that the endpoint's URL has is kept (RFC 6749 §3.1). */
export function authorizationUrl(request: AuthorizationRequest): URL {
  const url = new URL(request.authorizationEndpoint);
  for (const [name, value] of Object.entries(request.more)) url.searchParams.set(name, value);
  const own = {
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    state: request.state,
    code_challenge: request.challenge,
    code_challenge_method: 'S256',
    ...(request.scopes.length > 0 ? { scope: request.scopes.join(' ') } : {}),
  };
  for (const [name, value] of Object.entries(own)) url.searchParams.set(name, value);
  return url;
}

/** The server sent the browser back without a code that can be used. `error` is its own code (RFC 6749 §4.1.2.1), or one of ours. */
export class AuthorizationResponseError extends Error {
  override readonly name = 'AuthorizationResponseError';

  constructor(
    readonly error: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The code of an authorization response (RFC 6749 §4.1.2), after a state that the caller has compared already.
 * @param server `issuer` of the server that was asked, undefined where nobody knows it; `isRequired` when its metadata promises `iss` (RFC 9207 §2.4)
 * @throws AuthorizationResponseError
 */
export function readAuthorizationResponse(parameters: URLSearchParams, { issuer, isRequired }: { readonly issuer: string | undefined; readonly isRequired: boolean }): Secret {
  for (const name of ['code', 'error', 'iss', 'state']) {
    if (parameters.getAll(name).length > 1) throw new AuthorizationResponseError('invalid_response', `the answer has more than one ${name}`);
  }
  const iss = parameters.get('iss');
  if (iss === null ? isRequired : issuer !== undefined && iss !== issuer) throw new AuthorizationResponseError('wrong_issuer', 'the answer comes from another authorization server than was asked');
  const error = parameters.get('error');
  if (error !== null) throw new AuthorizationResponseError(plain(error, 64), plain(`${error}${parameters.has('error_description') ? `: ${parameters.get('error_description')}` : ''}`, 300));
  const code = parameters.get('code');
  if (code === null || code === '') throw new AuthorizationResponseError('invalid_response', 'the answer has no code');
  return new Secret(code);
}

/** Anybody can make a browser come with any text. */
const plain = (text: string, longest: number): string => text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, longest);
