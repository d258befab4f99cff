import { SigningKey } from '@gatehouse-mcp/testing';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const HOUR_MS = 3_600_000;

beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await gateway.stop();
});

/** Lets monotonic time pass; the wall clock, which tokens are judged by, stays. */
const monotonic = performance.now.bind(performance);
const wait = (ms: number) => void jest.spyOn(performance, 'now').mockImplementation(() => monotonic() + ms);

const statusOf = async (token: string) => (await gateway.post(list, { token })).status;

async function tokenOf(key: SigningKey): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return key.sign({ iss: gateway.issuer.url, sub: 'alice', tenant: 'acme', aud: `${gateway.url}/mcp`, iat: now, exp: now + 300 }, { typ: 'at+jwt' });
}

async function expectUnavailable(token: string): Promise<void> {
  const response = await gateway.post(list, { token });
  expect([response.status, Number(response.headers.get('retry-after')) > 0, response.headers.get('www-authenticate')]).toEqual([503, true, null]);
  expect(await response.json()).toMatchObject({ error: 'identity_provider_unavailable' });
}

/** Fault 1. */
describe('an identity provider that cannot be reached', () => {
  it('leaves its known keys in force for an hour and more, for tokens never seen before too, but not for ever', async () => {
    expect(await statusOf(await gateway.token())).toBe(200);
    const tokens = await Promise.all(['one', 'two', 'three', 'four'].map((jti) => gateway.token({ jti })));
    await gateway.issuer.stop();
    for (const [index, hours] of [0, 1, 12].entries()) {
      wait(hours * HOUR_MS);
      expect(await statusOf(tokens[index]!)).toBe(200);
    }
    wait(25 * HOUR_MS);
    await expectUnavailable(tokens[3]!);
  });

  it('makes an unknown key 503 and when to ask again, each time, and never 401', async () => {
    expect(await statusOf(await gateway.token())).toBe(200);
    const unknown = await tokenOf(await SigningKey.generate('new'));
    await gateway.issuer.stop();
    for (let round = 0; round < 4; round++) await expectUnavailable(unknown);
  });

  it('makes every token 503 when the gateway never had its keys, and still refuses what no key could make good', async () => {
    const [good, expired, stranger] = [await gateway.token(), await gateway.token({ exp: 1 }), await gateway.token({ iss: 'https://nobody.example' })];
    await gateway.issuer.stop();
    await expectUnavailable(good);
    await expectUnavailable(expired);
    expect(await statusOf(stranger)).toBe(401);
    expect(await statusOf(`${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.x`)).toBe(401);
  });

  it('is back in less than 30 s without a restart', async () => {
    const key = await SigningKey.generate('new');
    expect(await statusOf(await gateway.token())).toBe(200);
    gateway.issuer.fixed.set('/jwks', { status: 503, body: '' });
    const fresh = await tokenOf(key);
    for (let round = 0; round < 3; round++) await expectUnavailable(fresh);
    gateway.issuer.fixed.clear();
    gateway.issuer.jwks.keys.push(key.jwk);
    const response = await gateway.post(list, { token: fresh });
    expect(response.status).toBe(503);
    const seconds = Number(response.headers.get('retry-after'));
    expect(seconds).toBeLessThanOrEqual(30);
    wait(seconds * 1_000);
    expect(await statusOf(fresh)).toBe(200);
  });
});
