import { randomBytes } from 'node:crypto';
import { answerJson, ProviderServer, readBasic, readJson, type FixedAnswer, type ProviderRequest } from './provider-server.js';

export interface GithubUser {
  readonly id: number;
  /** Can be changed by its owner, and then taken by somebody else. */
  readonly login: string;
  readonly name?: string;
  readonly email?: string;
  readonly orgs?: readonly GithubOrg[];
  readonly teams?: readonly GithubTeam[];
}

export interface GithubOrg {
  readonly id: number;
  readonly login: string;
}

export interface GithubTeam {
  readonly id: number;
  readonly slug: string;
  readonly organization: GithubOrg;
}

export interface GithubApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly name: string;
}

export interface GithubToken {
  readonly clientId: string;
  readonly user: GithubUser;
  /** An OAuth app's token has scopes; a GitHub App's (`ghu_`) has none. */
  readonly scopes?: readonly string[];
  readonly kind?: 'gho' | 'ghu';
  readonly expiresAt?: Date;
}

interface Granted {
  readonly id: number;
  readonly app: GithubApp;
  readonly user: GithubUser;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
}

const RATE = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999', 'x-ratelimit-resource': 'core' };

/**
 * GitHub's REST API on 127.0.0.1, or GitHub Enterprise's below `/api/v3`. `GET /user` takes a token of any app; only
 * `POST /applications/{client_id}/token` tells whose it is, and answers 404 for another app's.
 */
export class FakeGithub extends ProviderServer {
  /** While true, every call is over its rate limit. */
  isRateLimited = false;
  readonly #apps = new Map<string, GithubApp>();
  readonly #tokens = new Map<string, Granted>();

  private constructor(private readonly basePath: '' | '/api/v3') {
    super();
  }

  /** @param basePath `/api/v3` makes it a GitHub Enterprise Server */
  static async start({ basePath = '' }: { readonly basePath?: '' | '/api/v3' } = {}): Promise<FakeGithub> {
    const github = new FakeGithub(basePath);
    await github.listen();
    return github;
  }

  get apiUrl(): string {
    return this.url + this.basePath;
  }

  registerApp(app: GithubApp): void {
    this.#apps.set(app.clientId, app);
  }

  issueToken({ clientId, user, scopes = [], kind = 'gho', expiresAt }: GithubToken): string {
    const app = this.#apps.get(clientId);
    if (!app) throw new Error(`register the app ${clientId} first`);
    const token = `${kind}_${randomBytes(27).toString('base64url').replaceAll(/[-_]/g, 'x')}`;
    this.#tokens.set(token, { id: this.#tokens.size + 1, app, user, scopes, expiresAt: expiresAt ?? null });
    return token;
  }

  revoke(token: string): void {
    this.#tokens.delete(token);
  }

  protected override answer(request: ProviderRequest): FixedAnswer {
    if (request.headers['user-agent'] === undefined) return { status: 403, body: 'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.', headers: { 'content-type': 'text/html' } };
    if (!request.path.startsWith(`${this.basePath}/`)) return notFound;
    const path = request.path.slice(this.basePath.length);
    const clientId = /^\/applications\/([^/]+)\/token$/.exec(path)?.[1];
    if (clientId !== undefined) return request.method === 'POST' ? this.#checkToken(request, decodeURIComponent(clientId)) : notFound;
    if (request.method !== 'GET') return notFound;
    // GitHub takes both schemes.
    const granted = this.#find(/^(?:Bearer|token) ([^ ]+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
    if (!granted) return answerJson(401, { message: 'Bad credentials', documentation_url: DOCUMENTATION, status: '401' }, RATE);
    if (this.isRateLimited) return refuseRate(`user ID ${granted.user.id}`);
    const headers = { ...RATE, 'x-oauth-scopes': granted.scopes.join(', '), 'x-accepted-oauth-scopes': '' };
    if (path === '/user') return answerJson(200, describeUser(granted.user), headers);
    if (path !== '/user/orgs' && path !== '/user/teams') return notFound;
    const mayRead = granted.scopes.some((scope) => ['read:org', 'write:org', 'admin:org', 'user'].includes(scope));
    if (!mayRead) return answerJson(403, { message: 'You need at least read:org scope or user scope to list your organizations.', documentation_url: DOCUMENTATION, status: '403' }, headers);
    return this.#page(request, path === '/user/orgs' ? (granted.user.orgs ?? []) : (granted.user.teams ?? []), headers);
  }

  /** POST /applications/{client_id}/token: Basic with the app's own id and secret, the token in a JSON body. */
  #checkToken(request: ProviderRequest, clientId: string): FixedAnswer {
    const basic = readBasic(request);
    const app = this.#apps.get(clientId);
    if (basic === undefined || basic.user !== clientId || app === undefined) return notFound;
    if (this.isRateLimited) return refuseRate(`app ${app.name}`);
    if (basic.password !== app.clientSecret) return answerJson(401, { message: 'Bad credentials', documentation_url: DOCUMENTATION, status: '401' });
    const token = readJson(request)?.['access_token'];
    if (typeof token !== 'string' || token === '') return answerJson(422, { message: 'Validation Failed', errors: [{ resource: 'OauthAccess', field: 'access_token', code: 'missing_field' }], documentation_url: DOCUMENTATION, status: '422' });
    const granted = this.#find(token);
    if (granted?.app.clientId !== clientId) return notFound;
    return answerJson(200, {
      id: granted.id,
      url: `${this.apiUrl}/authorizations/${granted.id}`,
      app: { name: app.name, url: 'http://localhost', client_id: clientId },
      token,
      hashed_token: 'not-used',
      token_last_eight: token.slice(-8),
      note: null,
      note_url: null,
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      scopes: granted.scopes,
      fingerprint: null,
      expires_at: granted.expiresAt?.toISOString().replace(/\.\d+Z$/, 'Z') ?? null,
      user: { login: granted.user.login, id: granted.user.id, type: 'User', site_admin: false },
    });
  }

  /** Pages are numbered, and the next one stands in the `Link` header only (RFC 8288). */
  #page({ path, query }: ProviderRequest, items: readonly unknown[], headers: Readonly<Record<string, string>>): FixedAnswer {
    const size = Math.min(Number(query.get('per_page') ?? 30), 100);
    const page = Number(query.get('page') ?? 1);
    const last = Math.max(1, Math.ceil(items.length / size));
    const link = (number: number, relation: string) => `<${this.url}${path}?per_page=${size}&page=${number}>; rel="${relation}"`;
    const links = page < last ? { link: `${link(page + 1, 'next')}, ${link(last, 'last')}` } : {};
    return answerJson(200, items.slice((page - 1) * size, page * size), { ...headers, ...links });
  }

  #find(token: string): Granted | undefined {
    const granted = this.#tokens.get(token);
    return granted?.expiresAt && granted.expiresAt.getTime() <= Date.now() ? undefined : granted;
  }
}

const DOCUMENTATION = 'https://docs.github.com/rest';
const notFound = answerJson(404, { message: 'Not Found', documentation_url: DOCUMENTATION, status: '404' });

const describeUser = ({ id, login, name = null, email = null }: { readonly id: number; readonly login: string; readonly name?: string | null; readonly email?: string | null }) => ({ login, id, type: 'User', site_admin: false, name, email });

/** 403, not 429; only the header tells it from a lack of rights. */
function refuseRate(whom: string): FixedAnswer {
  const reset = String(Math.floor(Date.now() / 1_000) + 600);
  return answerJson(403, { message: `API rate limit exceeded for ${whom}.`, documentation_url: DOCUMENTATION, status: '403' }, { ...RATE, 'x-ratelimit-remaining': '0', 'x-ratelimit-used': '5000', 'x-ratelimit-reset': reset });
}
