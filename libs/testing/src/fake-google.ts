import { createPublicKey, KeyObject, randomBytes } from 'node:crypto';
import { decodeJwt, jwtVerify } from 'jose';
import { answerJson, ProviderServer, readBearer, readForm, type FixedAnswer, type ProviderRequest } from './provider-server.js';
import { secondsFromNow, SigningKey, type TokenClaims } from './signing-key.js';

/** A Google account, and for which client its opaque access token is. */
export interface GoogleToken {
  readonly clientId: string;
  /** Who the token was issued to, where that is another client than its audience (an app of the same project). */
  readonly authorizedParty?: string;
  readonly scope?: string;
  /** Seconds from now. */
  readonly expiresIn?: number;
  readonly user?: GoogleUser;
}

export interface GoogleUser {
  readonly sub: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly name: string;
  /** The Workspace domain; private accounts have none. */
  readonly hostedDomain?: string;
}

/** What Google's console hands out for a key of a service account, as far as it is read. */
export interface ServiceAccountFile {
  readonly type: 'service_account';
  readonly client_email: string;
  readonly private_key: string;
  readonly private_key_id: string;
  readonly token_uri: string;
}

export const googleUser: GoogleUser = { sub: '110169484474386276334', email: 'alice@acme.example', emailVerified: true, name: 'Alice Archer', hostedDomain: 'acme.example' };

const ISSUER = 'https://accounts.google.com';

/**
 * Google's sign-in endpoints on 127.0.0.1. Its tokens say `iss` `https://accounts.google.com` or without the scheme, never
 * this address, so whoever verifies them must be told where the keys are. Access tokens are opaque: only tokeninfo knows
 * for which client they are, and it writes numbers and booleans as strings.
 */
export class FakeGoogle extends ProviderServer {
  readonly #serviceAccounts = new Map<string, { readonly key: KeyObject; readonly scopes: readonly string[] }>();
  readonly #tokens = new Map<string, Required<Omit<GoogleToken, 'expiresIn'>> & { readonly expiresAt: number }>();

  private constructor(private readonly key: SigningKey) {
    super();
  }

  /**
   * A service account with domain-wide delegation for these scopes and the users of acme.example.
   * @returns its JSON key file
   */
  async addServiceAccount(name: string, scopes: readonly string[]): Promise<ServiceAccountFile> {
    const key = await SigningKey.generate(`${name}-key`);
    const email = `${name}@project.iam.gserviceaccount.com`;
    this.#serviceAccounts.set(email, { key: createPublicKey(KeyObject.from(key.privateKey)), scopes });
    const privateKey = KeyObject.from(key.privateKey).export({ format: 'pem', type: 'pkcs8' }).toString();
    return { type: 'service_account', client_email: email, private_key: privateKey, private_key_id: key.kid, token_uri: `${this.url}/token` };
  }

  static async start(): Promise<FakeGoogle> {
    const google = new FakeGoogle(await SigningKey.generate('f9d97b4cae90bcd76aeb20026f6b770cac221783'));
    await google.listen();
    return google;
  }

  get jwksUri(): string {
    return `${this.url}/oauth2/v3/certs`;
  }

  get tokenInfoEndpoint(): string {
    return `${this.url}/tokeninfo`;
  }

  get userInfoEndpoint(): string {
    return `${this.url}/v1/userinfo`;
  }

  /** @param claims `iss` may be `accounts.google.com` too */
  mintIdToken(clientId: string, claims: TokenClaims = {}): Promise<string> {
    const { sub, email, emailVerified, name, hostedDomain } = googleUser;
    return this.key.sign({ iss: ISSUER, azp: clientId, aud: clientId, sub, hd: hostedDomain, email, email_verified: emailVerified, at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q', name, picture: `${this.url}/photo.jpg`, iat: secondsFromNow(0), exp: secondsFromNow(3_600), ...claims });
  }

  /** An access token as Google's are: nothing can be read from it. */
  issueAccessToken({ clientId, authorizedParty = clientId, scope = 'openid https://www.googleapis.com/auth/userinfo.email', expiresIn = 3_599, user = googleUser }: GoogleToken): string {
    const token = `ya29.a0${randomBytes(60).toString('base64url')}`;
    this.#tokens.set(token, { clientId, authorizedParty, scope, user, expiresAt: secondsFromNow(expiresIn) });
    return token;
  }

  revoke(token: string): void {
    this.#tokens.delete(token);
  }

  protected override answer(request: ProviderRequest): FixedAnswer | Promise<FixedAnswer> {
    switch (request.path) {
      case '/.well-known/openid-configuration':
        return answerJson(200, { issuer: ISSUER, jwks_uri: this.jwksUri, userinfo_endpoint: this.userInfoEndpoint, token_endpoint: `${this.url}/token` });
      case '/oauth2/v3/certs':
        return answerJson(200, { keys: [this.key.jwk] }, { 'cache-control': 'public, max-age=22037, must-revalidate, no-transform' });
      case '/token':
        return this.#impersonate(readForm(request));
      case '/tokeninfo':
        return this.#describeToken(readForm(request).get('access_token') ?? request.query.get('access_token') ?? '');
      case '/v1/userinfo':
        return this.#describeUser(readBearer(request) ?? '');
      default:
        return answerJson(404, { error: 'not_found' });
    }
  }

  #describeToken(token: string): FixedAnswer {
    const known = this.#find(token);
    if (!known) return answerJson(400, { error: 'invalid_token', error_description: 'Invalid Value' });
    const { clientId, authorizedParty, scope, user, expiresAt } = known;
    const email = scope.includes('email') ? { email: user.email, email_verified: String(user.emailVerified) } : {};
    return answerJson(200, { azp: authorizedParty, aud: clientId, sub: user.sub, scope, exp: String(expiresAt), expires_in: String(expiresAt - secondsFromNow(0)), ...email, access_type: 'online' });
  }

  /** Whoever the token's client is: this answer cannot tell. */
  #describeUser(token: string): FixedAnswer {
    const known = this.#find(token);
    if (!known) return answerJson(401, { error: 'invalid_request', error_description: 'Invalid Credentials' }, { 'www-authenticate': `Bearer realm="${ISSUER}/", error="invalid_token"` });
    const { sub, email, emailVerified, name, hostedDomain } = known.user;
    return answerJson(200, { sub, name, picture: `${this.url}/photo.jpg`, email, email_verified: emailVerified, ...(hostedDomain === undefined ? {} : { hd: hostedDomain }) });
  }

  /** Only an assertion of a service account: grant and client of people's sign-in are elsewhere. */
  async #impersonate(form: URLSearchParams): Promise<FixedAnswer> {
    if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') return answerJson(400, { error: 'unsupported_grant_type', error_description: 'Invalid grant_type' });
    const assertion = form.get('assertion') ?? '';
    const { iss = '', sub, scope } = decodeJwt(assertion);
    const account = this.#serviceAccounts.get(iss);
    if (!account) return answerJson(400, { error: 'invalid_grant', error_description: 'Invalid grant: account not found' });
    const verified = await jwtVerify(assertion, account.key, { algorithms: ['RS256'], audience: `${this.url}/token`, requiredClaims: ['iat', 'exp'], maxTokenAge: '1h' }).catch(() => undefined);
    if (!verified) return answerJson(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
    if (typeof scope !== 'string' || !scope.split(' ').every((name) => account.scopes.includes(name))) {
      return answerJson(401, { error: 'unauthorized_client', error_description: 'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.' });
    }
    // Without somebody to act for it is itself.
    if (sub !== undefined && sub !== iss && !sub.endsWith('@acme.example')) return answerJson(400, { error: 'invalid_grant', error_description: 'Invalid email or User ID' });
    return answerJson(200, { access_token: this.issueAccessToken({ clientId: iss, scope }), expires_in: 3_599, token_type: 'Bearer' });
  }

  #find(token: string) {
    const known = this.#tokens.get(token);
    return known && known.expiresAt > secondsFromNow(0) ? known : undefined;
  }
}
