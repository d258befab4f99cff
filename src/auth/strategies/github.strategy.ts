import { githubApiUrl } from '../../config/provider-identity.js';
import type { ProviderOf } from '../../config/provider.schema.js';
import { judgeClaims, toCaller } from '../claims.js';
import { providerUnavailable } from '../provider.http.js';
import type { Claims } from '../tenant-rules.js';
import { TokenError } from '../token.error.js';
import { THIS_GATEWAY } from '../verified-token.js';
import { BearerStrategy, type StrategyContext, type StrategyFactory } from './strategy.js';

type Context = StrategyContext<ProviderOf<'github'>>;
type Request = NonNullable<Parameters<Context['fetch']>[1]>;

/** An OAuth app's tokens do not expire; the check is repeated this often at the latest. */
const LIFETIME_S = 8 * 3_600;
const MOST_PAGES = 10;
const HEADERS = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28', 'user-agent': 'gatehouse' };

/** GitHub's opaque tokens, by the check of our own OAuth app: `GET /user` alone takes the token of any app. */
export const createGithubStrategy: StrategyFactory<'github'> = (context) => {
  const { clientId, clientSecret } = context.settings;
  return new BearerStrategy(async (token) => {
    const check = clientId !== undefined && clientSecret !== undefined ? await checkToken(context, clientId, clientSecret, token) : undefined;
    const user = await getJson(context, '/user', token);
    const id = user.body['id'];
    if (!Number.isSafeInteger(id) || (check && check.userId !== id)) throw new TokenError('invalid', 'the provider names no user, or two, for the token');
    const claims = {
      ...check?.claims,
      sub: String(id),
      preferred_username: user.body['login'],
      name: user.body['name'] ?? user.body['login'],
      email: user.body['email'],
      scope: check?.scopes ?? readScopeHeader(user.scopes),
      groups: await readGroups(context, token),
      exp: check?.expiresAt ?? Math.floor(Date.now() / 1_000) + LIFETIME_S,
    };
    judgeClaims(claims, { maxTokenLifetime: LIFETIME_S * 1_000 }, Date.now() / 1_000);
    return { caller: toCaller(context, claims, { kind: 'user', clientId }), audiences: clientId === undefined ? THIS_GATEWAY : [clientId], isExchangeable: false };
  });
};

interface Check {
  readonly userId: unknown;
  readonly scopes: string;
  readonly expiresAt: number | undefined;
  readonly claims: Claims;
}

/** POST /applications/{client_id}/token: 404 is a token of another app, or none. */
async function checkToken(context: Context, clientId: string, clientSecret: string, token: string): Promise<Check> {
  const basic = Buffer.from(`${clientId}:${context.secret(clientSecret).reveal()}`).toString('base64');
  const { status, body } = await request(context, `/applications/${encodeURIComponent(clientId)}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
    body: JSON.stringify({ access_token: token }),
  });
  if (status === 404 || status === 422) throw new TokenError('inactive', 'the token is not of this gateway\'s OAuth app, or is no longer valid');
  if (status !== 200) throw providerUnavailable(`the identity provider "${context.id}" refuses this gateway's OAuth app (${status}): check clientId and clientSecret`, undefined);
  const { app, user, scopes, expires_at: expiresAt } = body;
  if (!isRecord(app) || app['client_id'] !== clientId || !isRecord(user)) throw new TokenError('audience', 'the token was issued for another OAuth app');
  const expires = typeof expiresAt === 'string' ? Date.parse(expiresAt) / 1_000 : undefined;
  // An app's token without end lives until it is revoked; what ends, ends within our own bound.
  const bounded = expires === undefined ? undefined : Math.min(expires, Math.floor(Date.now() / 1_000) + LIFETIME_S);
  return { userId: user['id'], scopes: Array.isArray(scopes) ? scopes.join(' ') : '', expiresAt: bounded, claims: { client_id: clientId } };
}

/** By id: a name that was given up can be taken by anybody. `organization:ID` and `team:ID`. */
async function readGroups(context: Context, token: string): Promise<readonly string[]> {
  const kinds = { organizations: ['/user/orgs', 'organization'], teams: ['/user/teams', 'team'] } as const;
  const groups: string[] = [];
  for (const kind of context.settings.groups ?? []) {
    const [path, name] = kinds[kind];
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const { items } = await getJson(context, `${path}?per_page=100&page=${page}`, token);
      groups.push(...items.filter(isRecord).map(({ id }) => `${name}:${String(id)}`));
      if (items.length < 100) break;
    }
  }
  return groups;
}

async function getJson(context: Context, path: string, token: string) {
  const answer = await request(context, path, { headers: { authorization: `Bearer ${token}` } });
  if (answer.status === 401) throw new TokenError('inactive', 'the token is no longer valid');
  if (answer.status === 403) throw new TokenError('missing_provider_scope', 'the token may not read what this gateway needs to know; sign in again and grant read:org');
  if (answer.status !== 200) throw providerUnavailable(`the identity provider "${context.id}" gave no usable answer (${answer.status})`, undefined);
  return answer;
}

async function request({ id, settings, fetch }: Context, path: string, init: Request) {
  const response = await fetch(githubApiUrl(settings) + path, { ...init, headers: { ...HEADERS, ...init.headers } });
  const body: unknown = await response.json().catch(() => undefined);
  // A 403 without requests left is haste, not a lack of rights.
  if (response.status === 403 && response.headers.get('x-ratelimit-remaining') === '0') throw providerUnavailable(`the identity provider "${id}" is asked too often`, undefined, 60);
  return { status: response.status, body: isRecord(body) ? body : {}, items: Array.isArray(body) ? body : [], scopes: response.headers.get('x-oauth-scopes') };
}

const readScopeHeader = (header: string | null): string => (header ?? '').split(',').map((scope) => scope.trim()).join(' ');
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
