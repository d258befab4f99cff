import { createHash, randomBytes } from 'node:crypto';
import { loginHeadless } from '../login/headless-login.js';

export const gatewayUrl = 'http://localhost:3232';
export const resource = `${gatewayUrl}/mcp`;
export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
export const redirectUri = 'http://127.0.0.1:9999/callback';

export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, string | undefined>>;
}

export interface SignIn {
  readonly scope?: string;
  /** null: the request names none. */
  readonly resource?: string | null;
  readonly prompt?: string;
  readonly decision?: 'allow' | 'deny';
  readonly challenge?: boolean;
  readonly clientId?: string;
  readonly password?: string;
}

/** An OAuth client of the tests that can also do what it must not: no PKCE, no resource, a wrong password. */
export class TestClient {
  constructor(private readonly issuer: string) {}

  async postToken(form: Record<string, string> | [string, string][], basic?: string): Promise<TokenAnswer> {
    const response = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: basic ? { authorization: `Basic ${Buffer.from(basic).toString('base64')}` } : {},
    });
    // A token endpoint's answers are flat objects.
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  }

  /** @returns the new client's id */
  async register(extra: Record<string, unknown> = {}): Promise<string> {
    const response = await fetch(`${this.issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: 'A test',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        ...extra,
      }),
    });
    const { client_id: id } = (await response.json()) as { client_id?: string };
    if (response.status !== 201 || !id) throw new Error(`registration: ${response.status}`);
    return id;
  }

  async authorize(user: string, options: SignIn = {}): Promise<{ callback: URL; verifier: string; clientId: string }> {
    const clientId = options.clientId ?? (await this.register());
    const verifier = randomBytes(32).toString('base64url');
    const url = new URL(`${this.issuer}/authorize`);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      state: 's1',
      scope: options.scope ?? 'openid orders:read',
      ...describeResource(options),
      ...(options.prompt ? { prompt: options.prompt } : {}),
      ...(options.challenge === false ? {} : { code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256' }),
    }).toString();
    const callback = await loginHeadless({
      authorizationUrl: url,
      user,
      decision: options.decision ?? 'allow',
      ...(options.password === undefined ? {} : { password: options.password }),
    });
    return { callback, verifier, clientId };
  }

  async signIn(user: string, options: SignIn = {}): Promise<TokenAnswer & { clientId: string }> {
    const { callback, verifier, clientId } = await this.authorize(user, options);
    const code = callback.searchParams.get('code');
    if (!code) throw new Error(`no code: ${callback.href}`);
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, client_id: clientId, code_verifier: verifier };
    return { ...(await this.postToken({ ...form, ...describeResource(options) })), clientId };
  }

  /** @returns the access token of a sign-in that must succeed */
  async accessToken(user: string, options: SignIn = {}): Promise<string> {
    const { body } = await this.signIn(user, options);
    if (!body['access_token']) throw new Error(`no token: ${body['error']}`);
    return body['access_token'];
  }

  exchange(subjectToken: string, extra: Record<string, string> = {}): Promise<TokenAnswer> {
    const form = { grant_type: exchangeGrant, subject_token: subjectToken, subject_token_type: accessTokenType, audience: 'orders', ...extra };
    return this.postToken(form, 'gatehouse:test-secret');
  }
}

function describeResource(options: SignIn): Record<string, string> {
  return options.resource === null ? {} : { resource: options.resource ?? resource };
}
