import { request } from 'node:http';
import { Secret } from '@gatehouse-mcp/oauth';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { addApiKey } from '../../src/auth/api-keys/api-key.store.js';
import { ChangeFeed } from '../../src/database/change-feed.js';
import { HMAC_KEY, startEveryProvider, type EveryProvider } from '../tools/every-provider.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let every: EveryProvider;
let gateway: TestGateway;
let apiKey: string;

beforeAll(async () => {
  every = await startEveryProvider();
  ({ gateway } = every);
  const grant = { provider: 'keys', name: 'ci', owner: 'ci', tenant: 'acme', scopes: [], roles: [], expiresAt: new Date(Date.now() + 3_600_000) };
  apiKey = (await addApiKey(gateway.app.get(DataSource), grant, { prefix: 'gatehouse', hmacKey: new Secret(HMAC_KEY) })).key.reveal();
  await gateway.app.get(ChangeFeed).refresh();
});
afterAll(() => every.stop());

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

/** fetch joins repeated headers; a socket does not. */
function postTwice(credentials: readonly string[]): Promise<number> {
  const headers = ['content-type', 'application/json', 'host', new URL(gateway.url).host, ...credentials.flatMap((value) => ['Authorization', value])];
  return new Promise((resolve, reject) => {
    const sent = request(`${gateway.url}/mcp`, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(list));
  });
}

/** Security attack 5. */
describe('a bad credential beside a second one', () => {
  it('stays refused, whatever else the request carries', async () => {
    const good = await gateway.token();
    const bad = `${good.slice(0, -6)}AAAAAA`;
    for (const headers of [{ 'x-api-key': good }, { cookie: `access_token=${good}` }, { 'x-forwarded-authorization': `Bearer ${good}` }, { 'proxy-authorization': `Bearer ${good}` }]) {
      expect((await gateway.post(list, { token: bad, headers })).status).toBe(401);
    }
  });

  it('stays refused beside a good API key, which opens the door alone', async () => {
    const good = await gateway.token();
    expect((await gateway.post(list, { headers: { 'x-api-key': apiKey } })).status).toBe(200);
    expect((await gateway.post(list, { token: apiKey })).status).toBe(200);
    const bad = [`${good.slice(0, -6)}AAAAAA`, await gateway.token({ exp: 1 }), 'opaque', 'gatehouse_0000000000000000_x', 'ya29.x', 'gho_x'];
    for (const token of bad) expect([token, (await gateway.post(list, { token, headers: { 'x-api-key': apiKey } })).status]).toEqual([token, 401]);
    for (const authorization of ['Basic YTph', 'DPoP x', 'Negotiate x']) expect((await gateway.post(list, { headers: { authorization, 'x-api-key': apiKey } })).status).toBe(401);
  });

  it('is shown to the one provider that its issuer or its beginning names, and to no other', async () => {
    const forged = `${(await gateway.token()).slice(0, -6)}AAAAAA`;
    const fakes = [every.entra, every.auth0, every.okta, every.google, every.github, every.introspection];
    const asked = () => fakes.map(({ requests }) => requests.length);
    const before = asked();
    const strangers = await gateway.issuer.mint({ iss: 'https://nobody.example', sub: 'alice', aud: 'gatehouse' });
    const bound = `gatehouse_${'0'.repeat(16)}_${'A'.repeat(43)}`;
    for (const token of [forged, strangers, bound]) expect(await every.statusOf(token)).toBe(401);
    expect(asked()).toEqual(before);
    // Google's and GitHub's tokens are nobody's else either, and what is nobody's goes to the provider of opaque tokens only.
    expect([await every.statusOf('ya29.made-up'), await every.statusOf('gho_made-up'), await every.statusOf('made-up')]).toEqual([401, 401, 401]);
    expect(asked().map((count, index) => count - (before[index] ?? 0) > 0)).toEqual([false, false, false, true, true, true]);
    const shown = (requests: readonly { readonly body: string; readonly headers: object }[]) => JSON.stringify(requests);
    expect(shown(every.google.requests)).not.toMatch(/gho_made-up|"made-up|=made-up/);
    expect(shown(every.introspection.requests)).not.toMatch(/ya29|gho_/);
  });

  it('is not taken from the query or the body', async () => {
    const good = await gateway.token();
    expect((await gateway.post({ ...list, access_token: good }, { path: `/mcp?access_token=${good}` })).status).toBe(401);
  });

  it('is 400 when there are two Authorization headers, in either order, even the same', async () => {
    const good = await gateway.token();
    expect(await postTwice([`Bearer ${good}`, 'Bearer bad'])).toBe(400);
    expect(await postTwice(['Bearer bad', `Bearer ${good}`])).toBe(400);
    expect(await postTwice([`Bearer ${good}`, `Bearer ${good}`])).toBe(400);
    expect(await postTwice([`Bearer ${good}`])).toBe(200);
  });

  it('is 400 when the one header holds two tokens, and 401 for another scheme', async () => {
    const good = await gateway.token();
    expect((await gateway.post(list, { headers: { authorization: `Bearer ${good}, Bearer ${good}` } })).status).toBe(400);
    expect((await gateway.post(list, { headers: { authorization: 'Bearer' } })).status).toBe(400);
    expect((await gateway.post(list, { headers: { authorization: `Basic ${Buffer.from('alice:alice').toString('base64')}` } })).status).toBe(401);
  });
});

/** Development's identity is for requests that bring nothing, and no second chance for those that bring something. */
describe('a bad credential where a request without any is somebody', () => {
  it('is refused, whatever its scheme', async () => {
    const development = await startGateway({
      tenants: ['acme'],
      change: (settings) => {
        settings['providers'] = { ...(settings['providers'] as object), me: { preset: 'environment', subject: 'me' }, keys: { preset: 'apiKey' } };
        settings['tenants'] = { acme: { rules: [{ provider: 'me' }, { provider: 'corp' }] } };
      },
    });
    try {
      expect((await development.post(list)).status).toBe(200);
      const wrong = [{ authorization: 'Basic YTph' }, { authorization: 'DPoP x' }, { authorization: 'Bearer made-up' }, { authorization: `Bearer ${await development.token({ exp: 1 })}` }, { 'x-api-key': 'made-up' }];
      for (const headers of wrong) expect([headers, (await development.post(list, { headers })).status]).toEqual([headers, 401]);
      expect((await development.post(list, { headers: { authorization: 'Bearer' } })).status).toBe(400);
    } finally {
      await development.stop();
    }
  });
});
