import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeGithub } from '@gatehouse-mcp/testing';
import { startSignIn, type TestSignIn } from '../../../test/tools/sign-in.js';

const app = { clientId: 'Iv1.ours', clientSecret: 'ours-secret', name: 'Gatehouse' };
const other = { clientId: 'Iv1.other', clientSecret: 'x', name: 'Other' };
const acme = { id: 9_001, login: 'acme' };
const alice = { id: 583_231, login: 'alice', name: 'Alice', email: 'alice@acme.example', orgs: [acme], teams: [{ id: 77, slug: 'platform', organization: acme }] };
const secrets = { 'env:GITHUB_SECRET': app.clientSecret };

let github: FakeGithub;
let enterprise: FakeGithub;
let corp: TestSignIn;
const ours = (more: object = {}) => ({ preset: 'github', clientId: app.clientId, clientSecret: 'env:GITHUB_SECRET', apiUrl: github.apiUrl, ...more });

beforeAll(async () => {
  [github, enterprise] = await Promise.all([FakeGithub.start(), FakeGithub.start({ basePath: '/api/v3' })]);
  for (const server of [github, enterprise]) for (const each of [app, other]) server.registerApp(each);
  corp = await startSignIn({ github: ours({ groups: ['organizations', 'teams'], roles: { claim: 'groups', map: { 'organization:9001': 'member', 'team:77': 'orders-admin' } } }) }, { secrets });
});
afterAll(async () => {
  await Promise.all([corp.stop(), github.stop(), enterprise.stop()]);
});

describe('GitHub', () => {
  it('takes a token of our OAuth app: the user is the number, groups are ids', async () => {
    const { caller, audiences } = await corp.verify(github.issueToken({ clientId: app.clientId, user: alice, scopes: ['read:org'] }));
    expect(caller).toMatchObject({ subject: '583231', clientId: app.clientId, name: 'Alice', roles: new Set(['member', 'orders-admin']), scopes: new Set(['read:org']) });
    expect(audiences).toEqual([app.clientId]);
  });

  it('refuses the token of another app, though GET /user answers it', async () => {
    const token = github.issueToken({ clientId: other.clientId, user: alice });
    const answer = await fetch(`${github.apiUrl}/user`, { headers: { authorization: `Bearer ${token}`, 'user-agent': 'test' } });
    expect(answer.status).toBe(200);
    await expect(corp.verify(token)).rejects.toMatchObject({ reason: 'inactive' });
  });

  it('is another user when the login changes hands', async () => {
    const first = await corp.verify(github.issueToken({ clientId: app.clientId, user: alice, scopes: ['read:org'] }));
    const heir = await corp.verify(github.issueToken({ clientId: app.clientId, user: { ...alice, id: 999, orgs: [], teams: [] }, scopes: ['read:org'] }));
    expect(heir.caller.subject).not.toBe(first.caller.subject);
    expect(heir.caller.roles.size).toBe(0);
  });

  it('reads all pages of the teams', async () => {
    const teams = Array.from({ length: 250 }, (_, id) => ({ id: 1_000 + id, slug: `t${id}`, organization: acme }));
    const all = await startSignIn({ github: ours({ groups: ['teams'], roles: { claim: 'groups' } }) }, { secrets });
    const { caller } = await all.verify(github.issueToken({ clientId: app.clientId, user: { ...alice, teams }, scopes: ['read:org'] }));
    expect(caller.roles.size).toBe(250);
    await all.stop();
  });

  it('names the scope that is missing when groups may not be read', async () => {
    await expect(corp.verify(github.issueToken({ clientId: app.clientId, user: alice }))).rejects.toThrow(/read:org/);
  });

  it('says 503 with the time to wait when the rate limit is used up, and when our own secret is wrong', async () => {
    const token = github.issueToken({ clientId: app.clientId, user: alice, scopes: ['read:org'] });
    github.isRateLimited = true;
    await expect(corp.verify(token)).rejects.toMatchObject({ status: 503, headers: { 'retry-after': '60' } });
    github.isRateLimited = false;
    const misconfigured = await startSignIn({ github: ours() }, { secrets: { 'env:GITHUB_SECRET': 'wrong' } });
    await expect(misconfigured.verify(token)).rejects.toThrow(/check clientId and clientSecret/);
    await misconfigured.stop();
  });

  it('is found below /api/v3 on an Enterprise server', async () => {
    const ghes = await startSignIn({ github: { preset: 'github', clientId: app.clientId, clientSecret: 'env:GITHUB_SECRET', baseUrl: enterprise.url } }, { secrets });
    const { caller } = await ghes.verify(enterprise.issueToken({ clientId: app.clientId, user: alice, kind: 'ghu' }));
    expect(caller).toMatchObject({ subject: '583231', issuer: `${enterprise.url}/login/oauth` });
    await ghes.stop();
  });
});
