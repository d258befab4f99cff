import { randomUUID } from 'node:crypto';
import { FakeIntrospection } from '@gatehouse-mcp/testing';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { GATEWAY_SECRET, startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let server: FakeIntrospection;
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const CACHE_MS = 20_000;

beforeEach(async () => {
  server = await FakeIntrospection.start();
  server.registerClient({ id: 'gatehouse', secret: GATEWAY_SECRET });
  gateway = await startGateway({
    tenants: ['acme'],
    change: (settings) => {
      const opaque = { preset: 'introspection', issuer: server.issuer, clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET', audiences: ['gatehouse'], cacheFor: `${CACHE_MS}ms` };
      settings['providers'] = { ...(settings['providers'] as object), opaque };
      settings['tenants'] = { acme: { rules: [{ provider: 'opaque' }, { provider: 'corp', claim: 'tenant', equals: 'acme' }] } };
      (settings['egress'] as { allow: string[] }).allow.push(server.host);
    },
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await gateway.stop();
  await server.stop();
});

const post = (token: string) => gateway.post(list, { token });
const statusOf = async (token: string) => (await post(token)).status;
const questions = () => server.fetches.get('/introspect') ?? 0;
const monotonic = performance.now.bind(performance);

function activate(): string {
  const token = randomUUID();
  server.activate(token, { sub: 'alice', aud: 'gatehouse', exp: Math.floor(Date.now() / 1_000) + 300 });
  return token;
}

/** Fault 4. */
describe('an introspection endpoint that', () => {
  it.each([
    ['500', { status: 500, body: '' }],
    ['502 with a page', { status: 502, body: '<html>' }],
    ['503 and when to come back', { status: 503, body: '', headers: { 'retry-after': '7' } }],
    ['429 and when to come back', { status: 429, body: '', headers: { 'retry-after': '7' } }],
    ['401, to us', { status: 401, body: '{"error":"invalid_client"}', headers: { 'content-type': 'application/json' } }],
    ['200 and garbage', { status: 200, body: 'true', headers: { 'content-type': 'application/json' } }],
    ['a redirect', { status: 302, body: '', headers: { location: '/elsewhere' } }],
  ])('answers %s makes an unseen token 503 and leaves the one that it confirmed, to the end of its time', async (name, answer) => {
    const [confirmed, unseen] = [activate(), activate()];
    expect(await statusOf(confirmed)).toBe(200);
    server.fixed.set('/introspect', answer);
    const response = await post(unseen);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([503, null]);
    expect(response.headers.get('retry-after')).toBe(name.includes('come back') ? '7' : '10');
    expect(await statusOf(confirmed)).toBe(200);
    jest.spyOn(performance, 'now').mockImplementation(() => monotonic() + CACHE_MS);
    expect(await statusOf(confirmed)).toBe(503);
    // It was no refusal, so nothing was remembered against the tokens.
    server.fixed.clear();
    expect([await statusOf(confirmed), await statusOf(unseen)]).toEqual([200, 200]);
    expect(server.fetches.get('/elsewhere')).toBeUndefined();
  });

  it('hangs is waited for 2 s', async () => {
    server.delayMs = 20_000;
    const started = monotonic();
    expect(await statusOf(activate())).toBe(503);
    // The first question asks for the metadata too.
    expect(monotonic() - started).toBeLessThan(4_900);
  });

  it('is down is left alone after five failures, while other providers go on, and is asked again ten seconds later', async () => {
    const token = activate();
    expect(await statusOf(activate())).toBe(200);
    server.fixed.set('/introspect', { status: 500, body: '' });
    for (let failure = 0; failure < 5; failure++) expect(await statusOf(activate())).toBe(503);
    const before = questions();
    for (let round = 0; round < 5; round++) {
      const response = await post(activate());
      expect([response.status, Number(response.headers.get('retry-after'))]).toEqual([503, 10]);
    }
    expect(questions()).toBe(before);
    expect(await statusOf(await gateway.token())).toBe(200);
    server.fixed.clear();
    const wall = Date.now.bind(Date);
    jest.spyOn(Date, 'now').mockImplementation(() => wall() + 10_100);
    expect(await statusOf(token)).toBe(200);
  });
});
