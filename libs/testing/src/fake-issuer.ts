import { randomUUID } from 'node:crypto';
import { decodeJwt, type JWK } from 'jose';
import { CodeFlow, type Authorization } from './code-flow.js';
import { answerJson, ProviderServer, readBasic, readForm, type FixedAnswer, type ProviderRequest } from './provider-server.js';
import { secondsFromNow, SigningKey, type TokenClaims } from './signing-key.js';

/** One request at the token endpoint: its form, and who the client said it was. */
export interface TokenRequest {
  readonly parameters: URLSearchParams;
  readonly authorization: string | undefined;
}

interface MintOptions {
  readonly algorithm?: string;
  readonly kid?: string;
  readonly header?: Readonly<Record<string, unknown>>;
}

/**
 * A small OpenID provider on 127.0.0.1: metadata, keys, an authorization endpoint, and a token endpoint that does its codes,
 * RFC 8693, RFC 7523 and client credentials (it grants what is asked for, in a token of the asked audience). It counts, and can be told to be down or to refuse.
 */
export class FakeIssuer extends ProviderServer {
  readonly tokenRequests: TokenRequest[] = [];
  /** What the JWKS endpoint publishes; tests add to it and take from it. */
  readonly jwks: { keys: JWK[] };
  /** Scopes of exchanged tokens, where they are not to be those asked for. */
  grantedScope: string | undefined;
  /** People sign in here once it has clients; before that there is no authorization endpoint. */
  readonly signIn = new CodeFlow(() => this.url);
  /** Claims of the tokens of a sign-in besides those of the person; undefined takes one away. */
  signInClaims: TokenClaims = {};
  readonly #key: SigningKey;

  private constructor(key: SigningKey) {
    super();
    this.#key = key;
    this.jwks = { keys: [key.jwk] };
  }

  static async start(): Promise<FakeIssuer> {
    const issuer = new FakeIssuer(await SigningKey.generate('key-1'));
    await issuer.listen();
    return issuer;
  }

  /** A signed token: `iss`, `iat` and an `exp` in five minutes unless the claims say otherwise; undefined takes one away. */
  async mint(claims: TokenClaims, { algorithm = 'RS256', kid = 'key-1', header = {} }: MintOptions = {}): Promise<string> {
    return this.#key.sign({ iss: this.url, iat: secondsFromNow(0), exp: secondsFromNow(300), ...claims }, { alg: algorithm, kid, typ: 'at+jwt', ...header });
  }

  protected override async answer(request: ProviderRequest): Promise<FixedAnswer> {
    const { path, method } = request;
    if (path === '/.well-known/openid-configuration') {
      return answerJson(200, { issuer: this.url, jwks_uri: `${this.url}/jwks`, token_endpoint: `${this.url}/token`, ...(this.signIn.clients.size > 0 ? { authorization_endpoint: `${this.url}/authorize`, authorization_response_iss_parameter_supported: true } : {}) });
    }
    if (path === '/jwks') return answerJson(200, this.jwks);
    if (path === '/authorize') return this.signIn.authorize(request);
    if (path === '/token' && method === 'POST') return this.#grant(request);
    return answerJson(404, { error: 'not_found' });
  }

  async #grant(request: ProviderRequest): Promise<FixedAnswer> {
    const parameters = readForm(request);
    this.tokenRequests.push({ parameters, authorization: request.headers.authorization });
    if (parameters.get('grant_type') === 'authorization_code') return this.#redeem(request);
    const scope = this.grantedScope ?? parameters.get('scope') ?? '';
    const accessToken = await this.mint({ ...readSubject(request, parameters), aud: parameters.get('audience') ?? parameters.get('resource') ?? 'api', scope, jti: randomUUID() });
    const type = parameters.get('requested_token_type');
    return answerJson(200, { access_token: accessToken, token_type: 'Bearer', expires_in: 300, scope, ...(type === null ? {} : { issued_token_type: type }) });
  }

  async #redeem(request: ProviderRequest): Promise<FixedAnswer> {
    const redeemed = this.signIn.redeem(request);
    if ('status' in redeemed) return redeemed;
    const { person, clientId, scope, resource, nonce }: Authorization = redeemed;
    const claims = { ...person, jti: randomUUID() };
    const accessToken = await this.mint({ ...claims, aud: resource ?? 'api', scope, client_id: clientId, ...this.signInClaims });
    const idToken = await this.mint({ ...claims, aud: clientId, nonce, ...this.signInClaims }, { header: { typ: 'JWT' } });
    return answerJson(200, { access_token: accessToken, token_type: 'Bearer', expires_in: 300, scope, ...(scope.split(' ').includes('openid') ? { id_token: idToken } : {}) });
  }
}

/** Whom the new token is for: a client itself, or the subject of what was handed in. */
function readSubject(request: ProviderRequest, parameters: URLSearchParams): TokenClaims {
  const clientId = readBasic(request)?.user ?? parameters.get('client_id');
  if (parameters.get('grant_type') === 'client_credentials') return { sub: clientId, client_id: clientId };
  const { sub, tenant } = decodeJwt(parameters.get('subject_token') ?? parameters.get('assertion') ?? '');
  return { sub, tenant, act: { sub: 'gatehouse' } };
}
