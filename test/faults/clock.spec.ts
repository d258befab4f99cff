import { randomUUID } from 'node:crypto';
import { FakeIntrospection } from '@gatehouse-mcp/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { GATEWAY_SECRET, startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let server: FakeIntrospection;
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

beforeAll(async () => {
  server = await FakeIntrospection.start();
  server.registerClient({ id: 'gatehouse', secret: GATEWAY_SECRET });
  gateway = await startGateway({
    tenants: ['acme'],
    change: (settings) => {
      settings['providers'] = { ...(settings['providers'] as object), opaque: { preset: 'introspection', issuer: server.issuer, clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET', audiences: ['gatehouse'] } };
      settings['tenants'] = { acme: { rules: [{ provider: 'opaque' }, { provider: 'corp', claim: 'tenant', equals: 'acme' }] } };
      (settings['egress'] as { allow: string[] }).allow.push(server.host);
    },
  });
  // So that no test below is about fetching keys.
  await statusOf(await gateway.token());
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const statusOf = async (token: string) => (await gateway.post(list, { token })).status;
const monotonic = performance.now.bind(performance);
const wall = Date.now.bind(Date);
const now = () => Math.floor(wall() / 1_000);

/** The gateway's clock differs from everybody else's by so many seconds. */
async function withClock<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  const fixed = now() * 1_000 + seconds * 1_000;
  jest.spyOn(Date, 'now').mockReturnValue(fixed);
  try {
    return await work();
  } finally {
    jest.restoreAllMocks();
  }
}

const mint = (claims: object) => gateway.token({ jti: randomUUID(), ...claims });

/** Fault 13. */
describe('a clock that differs from the issuer\'s', () => {
  it.each([
    ['5 min behind', -300, 401],
    ['61 s behind', -61, 401],
    ['60 s behind, at the edge', -60, 200],
    ['right', 0, 200],
    ['60 s ahead', 60, 200],
    ['5 min ahead', 300, 200],
  ])('%s: a token that was just issued for 10 minutes is %i', async (_, seconds, status) => {
    const token = await mint({ iat: now(), nbf: now(), exp: now() + 600 });
    expect(await withClock(seconds, () => statusOf(token))).toBe(status);
  });

  it.each([
    ['5 min ahead', 300, 401],
    ['60 s ahead of its end, at the edge', 110, 401],
    ['59 s ahead of its end', 109, 200],
  ])('%s: a token of 50 s is used no longer than 60 s after its end: %i', async (_, seconds, status) => {
    const base = now();
    const token = await gateway.token({ jti: randomUUID(), iat: base - 10, exp: base + 50 });
    jest.spyOn(Date, 'now').mockReturnValue((base + seconds) * 1_000);
    expect(await statusOf(token)).toBe(status);
  });

  it('tolerates as little of what was introspected', async () => {
    const verdicts: number[] = [];
    for (const seconds of [-300, -61, -60, 109, 110, 300]) {
      const token = randomUUID();
      const base = now();
      // A server whose clock is right for itself calls it active at any of ours.
      const body = JSON.stringify({ active: true, sub: 'alice', aud: 'gatehouse', iat: base, nbf: base, exp: base + 50 });
      server.fixed.set('/introspect', { status: 200, body, headers: { 'content-type': 'application/json' } });
      jest.spyOn(Date, 'now').mockReturnValue((base + seconds) * 1_000);
      verdicts.push(await statusOf(token));
      jest.restoreAllMocks();
    }
    server.fixed.clear();
    expect(verdicts).toEqual([401, 401, 200, 200, 401, 401]);
  });
});

describe('a wall clock that jumps', () => {
  const questions = () => server.fetches.get('/introspect') ?? 0;

  it.each([['back', -300], ['forward', 300]])('5 min %s neither lengthens nor shortens what is kept for a time', async (_, seconds) => {
    const token = randomUUID();
    server.activate(token, { sub: 'alice', aud: 'gatehouse', exp: now() + 3_600 });
    expect(await statusOf(token)).toBe(200);
    const before = questions();
    const jump = () => jest.spyOn(Date, 'now').mockImplementation(() => wall() + seconds * 1_000);
    jump();
    expect(await statusOf(token)).toBe(200);
    expect(questions()).toBe(before);
    // The published bound of a minute is one of monotonic time, whatever the wall clock says.
    server.end(token);
    jest.spyOn(performance, 'now').mockImplementation(() => monotonic() + 60_000);
    expect(await statusOf(token)).toBe(401);
    expect(questions()).toBe(before + 1);
  });

  it('forward past a token\'s end ends it, although it was verified a moment ago', async () => {
    const token = await mint({ exp: now() + 300 });
    expect(await statusOf(token)).toBe(200);
    jest.spyOn(Date, 'now').mockReturnValue((now() + 361) * 1_000);
    expect(await statusOf(token)).toBe(401);
  });

  it('does not let the keys be fetched more often', async () => {
    const [header, payload, signature] = (await mint({})).split('.');
    const unknown = () => `${Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(header!, 'base64url').toString()), kid: randomUUID() })).toString('base64url')}.${payload}.${signature}`;
    for (const seconds of [0, 300, -300, 600, 3_600]) await withClock(seconds, () => statusOf(unknown()));
    expect(gateway.issuer.fetches.get('/jwks')).toBeLessThanOrEqual(2);
  });
});
