import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEveryProvider, type EveryProvider } from '../tools/every-provider.js';

let every: EveryProvider;

beforeAll(async () => {
  every = await startEveryProvider();
});
afterAll(() => every.stop());

/** Security attack 4. */
describe('a Google access token that was minted for another client', () => {
  it('is refused although userinfo answers 200 for it, and userinfo is not even asked', async () => {
    const { google, statusOf } = every;
    const token = google.issueAccessToken({ clientId: 'somebody-else.apps' });
    const userinfo = await fetch(google.userInfoEndpoint, { headers: { authorization: `Bearer ${token}` } });
    expect(userinfo.status).toBe(200);
    const before = google.fetches.get('/v1/userinfo');
    expect(await statusOf(token)).toBe(401);
    expect(google.fetches.get('/v1/userinfo')).toBe(before);
  });

  it('is refused whatever stands beside the client id', async () => {
    const { google, statusOf } = every;
    for (const clientId of ['ours.apps.evil', 'xours.apps', 'OURS.APPS', 'ours.apps ', 'ours.apps,theirs.apps', '*', '']) {
      expect([clientId, await statusOf(google.issueAccessToken({ clientId, authorizedParty: 'somebody-else.apps' }))]).toEqual([clientId, 401]);
    }
  });

  it('is refused when tokeninfo and userinfo name two users, or tokeninfo names no end', async () => {
    const { google, statusOf } = every;
    const json = { 'content-type': 'application/json' };
    for (const body of [{ aud: 'ours.apps', azp: 'ours.apps', sub: 'somebody-else', exp: '9999999999' }, { aud: 'ours.apps', azp: 'ours.apps', sub: '110169484474386276334' }]) {
      google.fixed.set('/tokeninfo', { status: 200, body: JSON.stringify(body), headers: json });
      expect(await statusOf(google.issueAccessToken({ clientId: 'ours.apps' }))).toBe(401);
    }
    google.fixed.delete('/tokeninfo');
  });

  it('is refused as an ID token too', async () => {
    const { google, statusOf } = every;
    expect(await statusOf(await google.mintIdToken('somebody-else.apps'))).toBe(401);
    expect(await statusOf(await google.mintIdToken('somebody-else.apps', { azp: 'ours.apps' }))).toBe(401);
  });

  it('is accepted when it is ours, so the refusals above are not for another reason', async () => {
    const { google, statusOf } = every;
    expect(await statusOf(google.issueAccessToken({ clientId: 'ours.apps' }))).toBe(200);
    expect(await statusOf(await google.mintIdToken('ours.apps'))).toBe(200);
  });
});

/** The same attack at the other provider whose tokens anybody's app can have. */
describe('a GitHub token of another OAuth app', () => {
  const user = { id: 7, login: 'alice' };

  it('is refused although GET /user answers 200 for it', async () => {
    const { github, statusOf } = every;
    const token = github.issueToken({ clientId: 'theirs', user });
    expect((await fetch(`${github.apiUrl}/user`, { headers: { authorization: `Bearer ${token}`, 'user-agent': 'x' } })).status).toBe(200);
    expect(await statusOf(token)).toBe(401);
    expect(await statusOf(github.issueToken({ clientId: 'ours', user }))).toBe(200);
  });

  it('is refused when the check answers for another app or another user', async () => {
    const { github, statusOf } = every;
    const answers = [
      { app: { client_id: 'theirs' }, user: { id: 7 }, scopes: [] },
      { app: { client_id: 'ours' }, user: { id: 8 }, scopes: [] },
      { app: { client_id: 'ours' }, scopes: [] },
      {},
    ];
    for (const body of answers) {
      github.fixed.set('/applications/ours/token', { status: 200, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
      expect(await statusOf(github.issueToken({ clientId: 'ours', user }))).toBe(401);
    }
    github.fixed.clear();
  });
});
