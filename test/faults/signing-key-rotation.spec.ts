import { randomUUID } from 'node:crypto';
import { SigningKey } from '@gatehouse-mcp/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let next: SigningKey;
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

beforeEach(async () => {
  [gateway, next] = await Promise.all([startGateway(), SigningKey.generate('key-2')]);
  await statusOf(await gateway.token());
});
afterEach(() => gateway.stop());

const statusOf = async (token: string) => (await gateway.post(list, { token })).status;

function tokenOf(key: SigningKey): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return key.sign({ iss: gateway.issuer.url, sub: 'alice', tenant: 'acme', aud: `${gateway.url}/mcp`, jti: randomUUID(), iat: now, exp: now + 300 }, { typ: 'at+jwt' });
}

const many = (count: number, mint: () => Promise<string>) => Promise.all(Array.from({ length: count }, async () => statusOf(await mint())));

/** Fault 3. */
describe('an issuer that rotates its key', () => {
  it('makes no good token 401: the new key is read with the first token that it signed, and the old one overlaps', async () => {
    gateway.issuer.jwks.keys.push(next.jwk);
    expect(await statusOf(await tokenOf(next))).toBe(200);
    expect(new Set(await many(20, () => tokenOf(next)))).toEqual(new Set([200]));
    expect(new Set(await many(20, () => gateway.token({ jti: randomUUID() })))).toEqual(new Set([200]));
    expect(gateway.issuer.fetches.get('/jwks')).toBe(2);
  });

  it('is read once for all who come with the new key together', async () => {
    gateway.issuer.jwks.keys.push(next.jwk);
    gateway.issuer.delayMs = 100;
    expect(new Set(await many(50, () => tokenOf(next)))).toEqual(new Set([200]));
    expect(gateway.issuer.fetches.get('/jwks')).toBe(2);
  });

  it('withdraws the old key at once: its tokens are 401, so that their users sign in again, and the new ones are good', async () => {
    const old = await gateway.token({ jti: 'unseen' });
    gateway.issuer.jwks.keys.splice(0, 1, next.jwk);
    expect(await statusOf(await tokenOf(next))).toBe(200);
    expect(await many(5, async () => old)).toEqual([401, 401, 401, 401, 401]);
    expect(new Set(await many(20, () => tokenOf(next)))).toEqual(new Set([200]));
  });

  it('twice and again in half a minute makes its tokens wait, not wrong', async () => {
    const third = await SigningKey.generate('key-3');
    gateway.issuer.jwks.keys.push(next.jwk);
    expect(await statusOf(await tokenOf(next))).toBe(200);
    gateway.issuer.jwks.keys.push(third.jwk);
    expect(await statusOf(await tokenOf(third))).toBe(503);
    expect(await statusOf(await tokenOf(next))).toBe(200);
  });
});
