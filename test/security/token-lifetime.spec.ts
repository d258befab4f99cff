import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
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
