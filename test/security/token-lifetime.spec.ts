import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DIRECTORY, startEveryProvider, type EveryProvider } from '../tools/every-provider.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());
afterEach(() => {
  jest.restoreAllMocks();
});

/** The status of a request at a frozen wall clock, with claims relative to it. */
async function statusAt(claims: (now: number) => Record<string, unknown>): Promise<number> {
  const now = Math.floor(Date.now() / 1_000);
  const token = await gateway.token(claims(now));
  jest.spyOn(Date, 'now').mockReturnValue(now * 1_000);
  const { status } = await gateway.post(list, { token });
  jest.restoreAllMocks();
  return status;
}

/** Security attack 24. */
describe('a token outside its time', () => {
  it.each<[string, number, (now: number) => Record<string, unknown>]>([
    ['without exp', 401, () => ({ exp: undefined })],
    ['with an exp that is no number', 401, (now) => ({ exp: `${now + 300}` })],
    ['59 s past its exp, within the skew', 200, (now) => ({ exp: now - 59, iat: now - 300 })],
    ['60 s past its exp, at the edge', 401, (now) => ({ exp: now - 60, iat: now - 300 })],
    ['an hour past its exp', 401, (now) => ({ exp: now - 3_600, iat: now - 7_200 })],
    ['with nbf 60 s ahead, at the edge', 200, (now) => ({ nbf: now + 60 })],
    ['with nbf 61 s ahead', 401, (now) => ({ nbf: now + 61 })],
    ['issued 60 s ahead, at the edge', 200, (now) => ({ iat: now + 60 })],
    ['issued 61 s ahead', 401, (now) => ({ iat: now + 61 })],
    ['issued in ten years', 401, (now) => ({ iat: now + 315_360_000 })],
    ['with an exp in ten years', 401, (now) => ({ exp: now + 315_360_000 })],
    ['with an exp in a day', 200, (now) => ({ exp: now + 86_400 })],
  ])('%s: %i', async (_, status, claims) => {
    expect(await statusAt(claims)).toBe(status);
  });

  it('is refused from the verified-token cache when its time has come', async () => {
    const now = Math.floor(Date.now() / 1_000);
    const token = await gateway.token({ exp: now + 5 });
    expect((await gateway.post(list, { token })).status).toBe(200);
    jest.spyOn(Date, 'now').mockReturnValue((now + 66) * 1_000);
    expect((await gateway.post(list, { token })).status).toBe(401);
  });
});

/** A token of each other kind of provider, with times of its own. */
const kinds: Record<string, (every: EveryProvider, times: object) => Promise<string>> = {
  'entra 1.0': ({ entra }, times) => entra.mintUserToken({ tenant: DIRECTORY, version: 1, claims: { ...times } }),
  'entra 2.0': ({ entra }, times) => entra.mintUserToken({ tenant: DIRECTORY, version: 2, claims: { ...times } }),
  auth0: ({ auth0 }, times) => auth0.mintUserToken({ ...times }),
  okta: ({ okta }, times) => okta.mintUserToken({ ...times }),
  google: ({ google }, times) => google.mintIdToken('ours.apps', { ...times }),
  introspection: async ({ introspection }, times) => {
    const token = randomUUID();
    introspection.activate(token, { sub: 'alice', aud: 'gatehouse', ...times });
    return token;
  },
};

describe('a token of another kind of provider outside its time', () => {
  let every: EveryProvider;
  beforeAll(async () => {
    every = await startEveryProvider();
  });
  afterAll(() => every.stop());

  it.each(Object.keys(kinds))('is refused: %s', async (kind) => {
    const now = Math.floor(Date.now() / 1_000);
    const good = { exp: now + 300 };
    const wrong: object[] = [{ exp: `${now + 300}` }, { exp: now - 3_600, iat: now - 7_200, nbf: now - 7_200 }, { exp: now + 315_360_000 }, { ...good, nbf: now + 120 }, { ...good, nbf: 'x' }, { ...good, iat: now + 120 }, { ...good, iat: 'x' }];
    // Whose server says that a token is active need not say how long (RFC 7662 §2.2): it holds as long as it is cached.
    if (kind !== 'introspection') wrong.push({ exp: undefined });
    for (const times of wrong) expect([times, await every.statusOf(await kinds[kind]!(every, times))]).toEqual([times, 401]);
    expect(await every.statusOf(await kinds[kind]!(every, good))).toBe(200);
  });
});
