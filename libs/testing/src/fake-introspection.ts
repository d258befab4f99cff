import { decodeJwt, importJWK, jwtVerify, type JWK } from 'jose';
import { answerJson, ProviderServer, readBasic, readForm, type FixedAnswer, type ProviderRequest } from './provider-server.js';
import { secondsFromNow, type TokenClaims } from './signing-key.js';

/** How a client proves itself at the endpoint: by a secret (Basic) or by its public key (private_key_jwt). */
export type IntrospectionClient = { readonly id: string; readonly secret: string } | { readonly id: string; readonly key: JWK };

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const LONGEST_ASSERTION_S = 60;

/**
 * A token introspection endpoint (RFC 7662) on 127.0.0.1, which believes no client that does not prove itself. A token is
 * active when the test made it so; any other, and any that was ended, is `{"active": false}`.
 */
export class FakeIntrospection extends ProviderServer {
  /** Why clients were refused, newest last; the answers themselves do not tell. */
  readonly refusals: string[] = [];
  readonly #clients = new Map<string, IntrospectionClient>();
  readonly #tokens = new Map<string, TokenClaims>();
  readonly #usedAssertions = new Set<string>();

  private constructor() {
    super();
  }

  static async start(): Promise<FakeIntrospection> {
    const server = new FakeIntrospection();
    await server.listen();
    return server;
  }

  get issuer(): string {
    return this.url;
  }

  get endpoint(): string {
    return `${this.url}/introspect`;
  }

  /** Where the issuer's metadata says that tokens are had; a good `aud` of a client assertion. Nothing is granted there. */
  get tokenEndpoint(): string {
    return `${this.url}/token`;
  }

  registerClient(client: IntrospectionClient): void {
    this.#clients.set(client.id, client);
  }

  /** Makes the token active, described by these members beside `active` (RFC 7662 §2.2); without `exp` it has none. */
  activate(token: string, members: TokenClaims = {}): void {
    this.#tokens.set(token, members);
  }

  /** The token was revoked or its session ended. */
  end(token: string): void {
    this.#tokens.delete(token);
  }

  protected override async answer(request: ProviderRequest): Promise<FixedAnswer> {
    if (request.path === '/.well-known/openid-configuration' || request.path === '/.well-known/oauth-authorization-server') {
      return answerJson(200, { issuer: this.issuer, jwks_uri: `${this.url}/jwks`, token_endpoint: this.tokenEndpoint, introspection_endpoint: this.endpoint, introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'] });
    }
    if (request.path === '/jwks') return answerJson(200, { keys: [] });
    if (request.path !== '/introspect' || request.method !== 'POST') return answerJson(404, { error: 'not_found' });
    const form = readForm(request);
    const problem = await this.#judgeClient(request, form);
    if (problem !== undefined) {
      this.refusals.push(problem);
      return answerJson(401, { error: 'invalid_client' }, { 'www-authenticate': 'Basic realm="introspection"' });
    }
    const token = form.get('token');
    if (token === null) return answerJson(400, { error: 'invalid_request', error_description: 'token is missing' });
    const members = this.#tokens.get(token);
    const isActive = members !== undefined && !(typeof members['exp'] === 'number' && members['exp'] <= secondsFromNow(0));
    return answerJson(200, isActive ? { active: true, ...members } : { active: false }, { 'cache-control': 'no-store' });
  }

  /** @returns what is wrong, or undefined for a client that proved itself in exactly one way */
  async #judgeClient(request: ProviderRequest, form: URLSearchParams): Promise<string | undefined> {
    const basic = readBasic(request);
    const assertion = form.get('client_assertion');
    if (basic && assertion !== null) return 'two ways of authentication';
    if (basic) return this.#judgeSecret(basic);
    if (assertion === null) return 'no authentication';
    if (form.get('client_assertion_type') !== ASSERTION_TYPE) return 'wrong client_assertion_type';
    return this.#judgeAssertion(assertion, form.get('client_id'));
  }

  /** Both parts are form-encoded before they are joined (RFC 6749 §2.3.1). */
  #judgeSecret({ user, password }: { readonly user: string; readonly password: string }): string | undefined {
    const client = this.#clients.get(decodeFormPart(user) ?? '');
    if (!client || !('secret' in client)) return 'no such client with a secret';
    return decodeFormPart(password) === client.secret ? undefined : 'wrong secret';
  }

  /** RFC 7523 §3, and this project's bound of 60 s. */
  async #judgeAssertion(assertion: string, clientId: string | null): Promise<string | undefined> {
    try {
      const { sub = '' } = decodeJwt(assertion);
      const client = this.#clients.get(sub);
      if (!client || !('key' in client)) return 'no such client with a key';
      if (clientId !== null && clientId !== sub) return 'client_id is not the assertion\'s';
      const key = await importJWK(client.key, client.key.alg ?? 'RS256');
      if (key instanceof Uint8Array) return 'not a public key';
      const { payload } = await jwtVerify(assertion, key, { issuer: sub, audience: [this.issuer, this.tokenEndpoint], requiredClaims: ['exp', 'jti', 'sub'] });
      if ((payload.exp ?? 0) > secondsFromNow(LONGEST_ASSERTION_S)) return 'the assertion lives longer than 60 s';
      const id = `${sub} ${payload.jti}`;
      if (this.#usedAssertions.has(id)) return 'the assertion was used before';
      this.#usedAssertions.add(id);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : 'not a JWT';
    }
  }
}

function decodeFormPart(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
