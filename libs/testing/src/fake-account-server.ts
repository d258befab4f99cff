import { createHash, randomUUID } from 'node:crypto';
import { answerJson, ProviderServer, readForm, type FixedAnswer, type ProviderRequest } from './provider-server.js';

/** One authorization: every token that came of it. */
interface Grant {
  readonly scope: string;
  isRevoked: boolean;
}

interface Code {
  readonly redirectUri: string;
  readonly challenge: string;
  readonly scope: string;
}

/** How it differs from the standards, and from other servers. */
export interface AccountServerHabits {
  /** A refresh token is good once, and one sent twice ends the whole grant (RFC 9700 §4.14.2). Default true. */
  readonly rotates?: boolean;
  /** Seconds that an access token lives. Default 3600. */
  readonly expiresIn?: number;
  /** Scopes that its users allow, where not all that are asked for. */
  readonly allows?: string;
  /** Whether token responses have `scope`. Default true. */
  readonly reportsScope?: boolean;
  /** Status and code for a refresh token that is used or revoked. Default 400 `invalid_grant`. */
  readonly refusal?: { readonly status: number; readonly error: string };
  /** Whether there is a revocation endpoint. Default true. */
  readonly revokes?: boolean;
}

/**
 * An authorization server of somebody else, as behind the vault: consent is given at once, PKCE is checked, refresh tokens rotate.
 * It keeps which refresh tokens it saw, and remembers every reuse.
 */
export class FakeAccountServer extends ProviderServer {
  habits: AccountServerHabits;
  /** Refresh tokens as they came, in order. */
  readonly refreshed: string[] = [];
  /** Those that came a second time. */
  readonly reused: string[] = [];
  readonly revoked: string[] = [];
  /** Consent is refused when false. */
  consents = true;
  /** Milliseconds before a refresh is answered; the tokens are made and used up first. */
  refreshDelayMs = 0;
  readonly #codes = new Map<string, Code>();
  readonly #access = new Map<string, Grant>();
  readonly #refresh = new Map<string, { readonly grant: Grant; isUsed: boolean }>();

  private constructor(habits: AccountServerHabits) {
    super();
    this.habits = habits;
  }

  static async start(habits: AccountServerHabits = {}): Promise<FakeAccountServer> {
    const server = new FakeAccountServer(habits);
    await server.listen();
    return server;
  }

  /** Whether an API of this server would take the access token. */
  accepts(accessToken: string): boolean {
    return this.#access.get(accessToken)?.isRevoked === false;
  }

  /** Ends every grant, as its users could at the server itself. */
  revokeAll(): void {
    for (const grant of this.#access.values()) grant.isRevoked = true;
    for (const { grant } of this.#refresh.values()) grant.isRevoked = true;
  }

  protected override async answer(request: ProviderRequest): Promise<FixedAnswer> {
    switch (`${request.method} ${request.path}`) {
      case 'GET /.well-known/openid-configuration':
        return answerJson(200, {
          issuer: this.url,
          authorization_endpoint: `${this.url}/authorize`,
          token_endpoint: `${this.url}/token`,
          authorization_response_iss_parameter_supported: true,
          ...(this.habits.revokes === false ? {} : { revocation_endpoint: `${this.url}/revoke` }),
        });
      case 'GET /authorize':
        return this.#authorize(request.query);
      case 'POST /token':
        return this.#token(readForm(request));
      case 'POST /revoke':
        return this.#revoke(readForm(request).get('token') ?? '');
      default:
        return answerJson(404, { error: 'not_found' });
    }
  }

  #authorize(query: URLSearchParams): FixedAnswer {
    const back = new URL(query.get('redirect_uri') ?? '');
    back.searchParams.set('state', query.get('state') ?? '');
    back.searchParams.set('iss', this.url);
    if (this.consents) {
      const code = randomUUID();
      this.#codes.set(code, { redirectUri: query.get('redirect_uri') ?? '', challenge: query.get('code_challenge') ?? '', scope: this.habits.allows ?? query.get('scope') ?? '' });
      back.searchParams.set('code', code);
    } else back.searchParams.set('error', 'access_denied');
    return { status: 302, body: '', headers: { location: back.href } };
  }

  async #token(form: URLSearchParams): Promise<FixedAnswer> {
    if (form.get('grant_type') === 'authorization_code') return this.#redeem(form);
    const token = form.get('refresh_token') ?? '';
    if (this.refreshed.includes(token)) this.reused.push(token);
    this.refreshed.push(token);
    const held = this.#refresh.get(token);
    const { status, error } = this.habits.refusal ?? { status: 400, error: 'invalid_grant' };
    if (held?.isUsed) held.grant.isRevoked = true;
    if (!held || held.isUsed || held.grant.isRevoked) return answerJson(status, { error });
    const isOneTime = this.habits.rotates ?? true;
    held.isUsed = isOneTime;
    const answer = this.#issue(held.grant, isOneTime);
    if (this.refreshDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.refreshDelayMs));
    return answer;
  }

  #redeem(form: URLSearchParams): FixedAnswer {
    const code = this.#codes.get(form.get('code') ?? '');
    this.#codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    if (!code || code.challenge !== challenge || code.redirectUri !== form.get('redirect_uri')) return answerJson(400, { error: 'invalid_grant' });
    return this.#issue({ scope: code.scope, isRevoked: false }, true);
  }

  #issue(grant: Grant, withRefreshToken: boolean): FixedAnswer {
    const accessToken = `at-${randomUUID()}`;
    const refreshToken = `rt-${randomUUID()}`;
    this.#access.set(accessToken, grant);
    if (withRefreshToken) this.#refresh.set(refreshToken, { grant, isUsed: false });
    const { expiresIn = 3_600, reportsScope = true } = this.habits;
    return answerJson(200, {
      access_token: accessToken,
      token_type: 'bearer',
      expires_in: expiresIn,
      ...(withRefreshToken ? { refresh_token: refreshToken } : {}),
      ...(reportsScope ? { scope: grant.scope } : {}),
    });
  }

  #revoke(token: string): FixedAnswer {
    this.revoked.push(token);
    const grant = this.#refresh.get(token)?.grant ?? this.#access.get(token);
    if (grant) grant.isRevoked = true;
    return answerJson(200, {});
  }
}
