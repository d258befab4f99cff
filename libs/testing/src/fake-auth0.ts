import { randomBytes } from 'node:crypto';
import { CompactEncrypt } from 'jose';
import { answerJson, ProviderServer, readBasic, readBearer, readForm, readJson, type FixedAnswer, type ProviderRequest } from './provider-server.js';
import { secondsFromNow, SigningKey, type TokenClaims } from './signing-key.js';

/** An Auth0 tenant on 127.0.0.1. Its issuer ends with a slash; what it gives without an audience is nobody's to verify. */
export class FakeAuth0 extends ProviderServer {
  /** Identifiers of the tenant's APIs: what `audience` may ask for. */
  readonly apis = new Set(['https://api.acme.example']);
  /** Secrets of machine-to-machine applications by client id. */
  readonly applications = new Map<string, string>();
  readonly #opaque = new Map<string, TokenClaims>();

  private constructor(private readonly key: SigningKey) {
    super();
  }

  static async start(): Promise<FakeAuth0> {
    const auth0 = new FakeAuth0(await SigningKey.generate('NkFBQzVE'));
    await auth0.listen();
    return auth0;
  }

  /** `https://tenant.auth0.com/`'s shape: with the slash, as its tokens say it. */
  get issuer(): string {
    return `${this.url}/`;
  }

  /** A user's token for an API: two audiences when `openid` was asked for, permissions beside scopes, own claims under a URL. */
  mintUserToken(claims: TokenClaims = {}): Promise<string> {
    return this.#mint({
      sub: 'auth0|64b7f0c1d2e3f4a5b6c7d8e9',
      aud: ['https://api.acme.example', `${this.url}/userinfo`],
      azp: 'spaClient1234567890',
      scope: 'openid profile read:orders',
      permissions: ['read:orders'],
      'https://acme.example/roles': ['manager'],
      'https://acme.example/email': 'alice@acme.example',
      ...claims,
    });
  }

  /** An application's token for itself: its subject is the client with a suffix. */
  mintMachineToken(clientId: string, claims: TokenClaims = {}): Promise<string> {
    return this.#mint({ sub: `${clientId}@clients`, aud: 'https://api.acme.example', azp: clientId, gty: 'client-credentials', scope: 'read:orders', permissions: ['read:orders'], ...claims });
  }

  /** What a login without `audience` brings on older tenants: text that only `/userinfo` understands. */
  issueOpaqueToken(claims: TokenClaims = {}): string {
    const token = randomBytes(24).toString('base64url');
    this.#opaque.set(token, { sub: 'auth0|64b7f0c1d2e3f4a5b6c7d8e9', name: 'Alice Archer', email: 'alice@acme.example', email_verified: true, ...claims });
    return token;
  }

  /** What it brings on newer ones: a JWE for Auth0 itself, five parts of which the second is empty, and an `iss` in its header. */
  mintEncryptedToken(claims: TokenClaims = {}): Promise<string> {
    const text = JSON.stringify({ iss: this.issuer, sub: 'auth0|64b7f0c1d2e3f4a5b6c7d8e9', ...claims });
    return new CompactEncrypt(Buffer.from(text)).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', iss: this.issuer }).encrypt(randomBytes(32));
  }

  protected override answer(request: ProviderRequest): FixedAnswer | Promise<FixedAnswer> {
    switch (request.path) {
      case '/.well-known/openid-configuration':
        return answerJson(200, { issuer: this.issuer, jwks_uri: `${this.url}/.well-known/jwks.json`, token_endpoint: `${this.url}/oauth/token`, authorization_endpoint: `${this.url}/authorize`, userinfo_endpoint: `${this.url}/userinfo` });
      case '/.well-known/jwks.json':
        return answerJson(200, { keys: [this.key.jwk] });
      case '/userinfo': {
        const user = this.#opaque.get(readBearer(request) ?? '');
        return user ? answerJson(200, user) : { status: 401, body: 'Unauthorized', headers: { 'content-type': 'text/plain' } };
      }
      case '/oauth/token':
        return this.#grant(request);
      default:
        return { status: 404, body: 'Not Found', headers: { 'content-type': 'text/plain' } };
    }
  }

  /** The client-credentials grant, in a form or in JSON. */
  async #grant(request: ProviderRequest): Promise<FixedAnswer> {
    const fields = readJson(request) ?? Object.fromEntries(readForm(request));
    const basic = readBasic(request);
    const clientId = String(basic?.user ?? fields['client_id']);
    const audience = String(fields['audience'] ?? '');
    const secret = this.applications.get(clientId);
    if (secret === undefined || secret !== (basic?.password ?? fields['client_secret'])) return refuse(401, 'Unauthorized');
    if (fields['grant_type'] !== 'client_credentials') return answerJson(403, { error: 'unauthorized_client', error_description: `Grant type '${String(fields['grant_type'])}' not allowed for the client.` });
    if (audience === '') return refuse(403, 'No audience parameter was provided, and no default audience has been configured');
    if (!this.apis.has(audience)) return refuse(403, `Service not found: ${audience}`);
    const accessToken = await this.mintMachineToken(clientId, { aud: audience });
    return answerJson(200, { access_token: accessToken, scope: 'read:orders', expires_in: 86_400, token_type: 'Bearer' });
  }

  #mint(claims: TokenClaims): Promise<string> {
    return this.key.sign({ iss: this.issuer, iat: secondsFromNow(0), exp: secondsFromNow(86_400), ...claims });
  }
}

const refuse = (status: number, description: string) => answerJson(status, { error: 'access_denied', error_description: description });
