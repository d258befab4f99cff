import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeGithub, type GithubApp } from './fake-github.js';

const [ours, theirs] = [{ clientId: 'Iv1.ours', clientSecret: 'our-secret', name: 'Gatehouse' }, { clientId: 'Iv1.theirs', clientSecret: 'their-secret', name: 'Other' }];
const user = { id: 583231, login: 'octocat', orgs: Array.from({ length: 45 }, (_, id) => ({ id, login: `org-${id}` })), teams: [{ id: 7, slug: 'sales', organization: { id: 1, login: 'org-1' } }] };
let github: FakeGithub;

beforeAll(async () => {
  github = await FakeGithub.start();
  for (const app of [ours, theirs]) github.registerApp(app);
});
afterAll(() => github.stop());

const get = (path: string, token: string) => fetch(github.apiUrl + path, { headers: { authorization: `Bearer ${token}` } });
const check = (token: unknown, { app = ours, secret }: { app?: GithubApp; secret?: string } = {}) =>
  fetch(`${github.apiUrl}/applications/${app.clientId}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${app.clientId}:${secret ?? app.clientSecret}`)}` },
    body: JSON.stringify({ access_token: token }),
  });

describe('the fake GitHub', () => {
  it('takes any app\'s token for GET /user, and tells whose it is only to that app', async () => {
    const foreign = github.issueToken({ clientId: theirs.clientId, user });
    expect((await get('/user', foreign)).status).toBe(200);
    expect((await check(foreign)).status).toBe(404);
    expect((await check(foreign, { app: theirs })).status).toBe(200);
  });

  it('describes a token of the app', async () => {
    const expiresAt = new Date(Date.now() + 60_000);
    const token = github.issueToken({ clientId: ours.clientId, user, kind: 'ghu', expiresAt });
    expect(token).toMatch(/^ghu_\w{36}$/);
    expect(await (await check(token)).json()).toMatchObject({ app: { client_id: ours.clientId, name: 'Gatehouse' }, user: { id: 583231, login: 'octocat' }, scopes: [], expires_at: expect.stringMatching(/Z$/) });
    expect(await (await check(github.issueToken({ clientId: ours.clientId, user }))).json()).toMatchObject({ expires_at: null });
  });

  it.each<[number, () => Promise<Response>]>([
    [404, () => check('gho_invented')],
    [404, () => check(github.issueToken({ clientId: ours.clientId, user, expiresAt: new Date(0) }))],
    [401, () => check('gho_invented', { secret: 'wrong' })],
    [422, () => check(undefined)],
  ])('refuses the check with %i', async (status, ask) => {
    expect((await ask()).status).toBe(status);
  });

  it('names scopes in a header, and pages organisations by Link', async () => {
    const token = github.issueToken({ clientId: ours.clientId, user, scopes: ['read:org', 'user:email'] });
    const first = await get('/user/orgs', token);
    expect(first.headers.get('x-oauth-scopes')).toBe('read:org, user:email');
    expect(await first.json()).toHaveLength(30);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await fetch(next, { headers: { authorization: `token ${token}` } });
    expect([((await second.json()) as unknown[]).length, second.headers.get('link')]).toEqual([15, null]);
    expect(await (await get('/user/teams', token)).json()).toEqual(user.teams);
    expect((await get('/user/teams', github.issueToken({ clientId: ours.clientId, user }))).status).toBe(403);
  });

  it('refuses with 403 what is over the limit', async () => {
    const token = github.issueToken({ clientId: ours.clientId, user });
    github.isRateLimited = true;
    for (const response of [await get('/user', token), await check(token)]) {
      expect([response.status, response.headers.get('x-ratelimit-remaining')]).toEqual([403, '0']);
    }
    github.isRateLimited = false;
  });

  it('can be GitHub Enterprise, below /api/v3', async () => {
    const enterprise = await FakeGithub.start({ basePath: '/api/v3' });
    enterprise.registerApp(ours);
    const headers = { authorization: `Bearer ${enterprise.issueToken({ clientId: ours.clientId, user })}` };
    expect((await fetch(`${enterprise.url}/api/v3/user`, { headers })).status).toBe(200);
    expect((await fetch(`${enterprise.url}/user`, { headers })).status).toBe(404);
    await enterprise.stop();
  });
});
