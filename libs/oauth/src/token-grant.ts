import * as oauth from 'oauth4webapi';
import { requestOptions, toClientAuth, type ClientAuthentication } from './client.js';
import { describeFailure } from './failure.js';
import { EndpointUnavailableError, type IssuerFetch } from './issuer-http.js';
import { Secret } from './secret.js';

/** A request at a token endpoint (RFC 6749 §4.5) and how the client proves who it is. */
export interface TokenGrantRequest {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  /** Undefined where the grant itself proves who asks, such as an assertion of a service account. */
  readonly authentication: ClientAuthentication | undefined;
  readonly grantType: string;
  /** Everything besides `grant_type` and the client's authentication. */
  readonly parameters: URLSearchParams;
  /** Scopes that are asked for: those granted when the answer names none (RFC 6749 §5.1). */
  readonly scopes: readonly string[];
  /** What `issued_token_type` must be when the answer has one (RFC 8693 §2.2.1). */
  readonly issuedTokenType?: string | undefined;
  /** Tokens in the parameters, to be taken out of what the server says about them. */
  readonly confidential: readonly Secret[];
}

/** What came back (RFC 6749 §5.1). */
export interface GrantedToken {
  readonly accessToken: Secret;
  /** Seconds, as the server said. */
  readonly expiresIn: number | undefined;
  /** Granted scopes; the requested ones when the server names none, which means they are the same. */
  readonly scopes: readonly string[];
  /** Only of grants that come with one (RFC 6749 §6). */
  readonly refreshToken?: Secret | undefined;
  /** Only where `openid` was asked for (OpenID Connect Core §3.1.3.3), not verified. */
  readonly idToken?: Secret | undefined;
}

/**
 * There is no token. `error` is the server's own code, or `unreachable`, or one of ours for an answer that is of no use:
 * `invalid_response`, `wrong_token_type`, `wrong_issued_token_type`, `expired_token`.
 */
export class TokenGrantError extends Error {
  override readonly name = 'TokenGrantError';

  constructor(
    readonly error: string,
    message: string,
    /** Seconds that the server asked us to wait. */
    readonly retryAfter: number | undefined,
    cause: unknown,
    /** The claims challenge of `interaction_required` (OpenID Connect Core §5.5): what the next sign-in must prove. */
    readonly claims?: string,
    /** HTTP status of the answer; undefined when there was none. */
    readonly status?: number,
  ) {
    super(message, { cause });
  }
}

/** A token endpoint's answer as far as it is judged. */
export interface TokenAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: string;
}

/** What an answer is judged by. */
export type TokenExpectation = Pick<TokenGrantRequest, 'scopes' | 'issuedTokenType' | 'confidential'>;

/**
 * Asks a token endpoint for an access token.
 * @throws TokenGrantError for everything but a bearer token that is still good; its message holds no token
 */
export async function requestToken(request: TokenGrantRequest, fetch: IssuerFetch, signal?: AbortSignal): Promise<GrantedToken> {
  const server: oauth.AuthorizationServer = { issuer: request.issuer, token_endpoint: request.tokenEndpoint };
  const client: oauth.Client = { client_id: request.clientId };
  const authenticate: oauth.ClientAuth = request.authentication ? toClientAuth(request.authentication) : () => undefined;
  let answer: TokenAnswer;
  try {
    const response = await oauth.genericTokenEndpointRequest(server, client, authenticate, request.grantType, request.parameters, requestOptions(fetch, signal));
    answer = { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.text() };
  } catch (error) {
    if (error instanceof EndpointUnavailableError) throw new TokenGrantError('unreachable', `the token endpoint ${error.message}`, error.retryAfter, error);
    throw new TokenGrantError('unreachable', `the token endpoint cannot be reached (${describeFailure(error)})`, undefined, error);
  }
  return judgeTokenAnswer(answer, request);
}

/** @throws TokenGrantError, see there */
export function judgeTokenAnswer({ status, retryAfter, body }: TokenAnswer, { scopes, issuedTokenType, confidential }: TokenExpectation): GrantedToken {
  const wait = Number(retryAfter) || undefined;
  const members = readObject(body);
  const code = members?.['error'];
  // GitHub refuses with status 200.
  if (members && typeof code === 'string' && (status >= 400 || members['access_token'] === undefined)) {
    const { error_description: description, claims } = members;
    const text = clean(typeof description === 'string' && description !== '' ? `${code}: ${description}` : code, confidential);
    throw new TokenGrantError(clean(code, confidential), text, wait, undefined, typeof claims === 'string' ? clean(claims, confidential) : undefined, status);
  }
  if (status === 429 || status >= 500) throw new TokenGrantError('unreachable', `the token endpoint answered ${status}`, wait, undefined, undefined, status);
  const refuse = (error: string, reason: string) => new TokenGrantError(error, `the token endpoint's answer (${status}) is not a token response that can be used: ${reason}`, wait, undefined, undefined, status);
  if (!members) throw refuse('invalid_response', 'it is no JSON object');
  const { access_token: token, token_type: type, issued_token_type: issued, expires_in: seconds, scope, refresh_token: refreshToken, id_token: idToken } = members;
  if (status !== 200 || typeof token !== 'string' || token === '') throw refuse('invalid_response', 'it has no access_token');
  if (!/^[\x21-\x7e]+$/.test(token)) throw refuse('invalid_response', 'its access_token cannot stand in a header');
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') throw refuse('wrong_token_type', 'its token_type is not Bearer');
  if (issuedTokenType !== undefined && issued !== undefined && issued !== issuedTokenType) throw refuse('wrong_issued_token_type', `its issued_token_type is not ${issuedTokenType}`);
  const expiresIn = seconds === undefined || seconds === null ? undefined : Number(seconds);
  if (expiresIn !== undefined && !Number.isFinite(expiresIn)) throw refuse('invalid_response', 'its expires_in is no number');
  if ((expiresIn !== undefined && expiresIn <= 0) || hasExpired(token)) throw refuse('expired_token', 'the token has expired already');
  return {
    accessToken: new Secret(token),
    expiresIn,
    scopes: typeof scope === 'string' ? scope.split(' ').filter(Boolean) : scopes,
    ...(typeof refreshToken === 'string' && refreshToken !== '' ? { refreshToken: new Secret(refreshToken) } : {}),
    ...(typeof idToken === 'string' && idToken !== '' ? { idToken: new Secret(idToken) } : {}),
  };
}

/** Seconds that clocks may differ (security.md, attack 24). */
const SKEW = 60;

/** A JWT says so itself; anything else is opaque. */
function hasExpired(token: string): boolean {
  const parts = token.split('.');
  const claims = parts.length === 3 ? readObject(Buffer.from(parts[1] ?? '', 'base64url').toString()) : undefined;
  const exp = claims?.['exp'];
  return typeof exp === 'number' && exp + SKEW < Date.now() / 1_000;
}

function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const LONGEST_TEXT = 600;

/** A server's words on one line, without the tokens that it was shown. */
function clean(text: string, confidential: readonly Secret[]): string {
  const without = confidential.reduce((said, secret) => said.replaceAll(secret.reveal(), '[token]'), text);
  return without
    .replace(/eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)*/g, '[token]')
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .slice(0, LONGEST_TEXT)
    .trim();
}
