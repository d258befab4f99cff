import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, SignJWT } from 'jose';
import { Keycloak } from '../tools/keycloak/keycloak.js';
import { readResult, startKeycloakGateway, type KeycloakGateway } from '../tools/keycloak/keycloak.gateway.js';

const keycloak = new Keycloak();
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
let gateway: KeycloakGateway;

beforeAll(async () => {
  gateway = await startKeycloakGateway(keycloak);
});
afterAll(async () => {
  await gateway.stop();
  await keycloak.start();
}, 300_000);

/** A token of the realm's shape whose key nobody has seen: a new key's, or a forger's. Only Keycloak can tell which. */
function withUnknownKey(token: string): Promise<string> {
  return new SignJWT({ ...decodeJwt(token), jti: randomUUID() }).setProtectedHeader({ alg: 'RS256', kid: randomUUID(), typ: 'JWT' }).sign(privateKey);
}

const statusOf = async (token: string) => (await gateway.list(token)).status;

/** Fault 1, in one story: the order of these tests is the order of the outage. */
describe('a realm that is down', () => {
  let known: string;
  let unseen: string;

  it('stops after its keys have been used', async () => {
    [known, unseen] = await Promise.all([keycloak.accessToken({ user: 'alice' }), keycloak.accessToken({ user: 'bob' })]);
    expect((await readResult(await gateway.call(known, 'orders_getOrder'))).isError).toBe(false);
    await keycloak.stop();
    await expect(fetch(keycloak.issuer)).rejects.toThrow('fetch failed');
  }, 60_000);

  it('leaves its known keys in force, for tokens never seen before too', async () => {
    expect(await statusOf(unseen)).toBe(200);
  });

  it('leaves exchanged tokens in use', async () => {
    expect((await readResult(await gateway.call(known, 'orders_getOrder'))).isError).toBe(false);
  });

  it('answers an unknown key with 503 and when to ask again, not with 401', async () => {
    for (let round = 0; round < 3; round += 1) {
      const response = await gateway.list(await withUnknownKey(known));
      expect([response.status, Number(response.headers.get('retry-after'))]).toEqual([503, expect.any(Number)]);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('recovers in less than 30 s once it is back, new keys included, without a restart of the gateway', async () => {
    const forged = await withUnknownKey(known);
    // Agents do not stop asking: each look at the keys that fails counts against the number of looks in a time.
    const statuses: Promise<number>[] = [];
    const asking = setInterval(() => statuses.push(statusOf(forged)), 250);
    await keycloak.start();
    clearInterval(asking);
    expect(new Set(await Promise.all(statuses))).toContain(503);
    const back = Date.now();
    await keycloak.admin.rotateSigningKey();
    const fresh = await keycloak.accessToken();
    const seen: number[] = [];
    while (seen.at(-1) !== 200 && Date.now() - back < 30_000) {
      seen.push(await statusOf(fresh));
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(seen.at(-1)).toBe(200);
    // While it could not be known, that was said; no token of the new key was called wrong.
    expect(seen.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    // Whether the forged key is one can be said once the keys may be read for it: twice in 30 s.
    const verdicts: number[] = [];
    for (const asked = Date.now(); verdicts.at(-1) !== 401 && Date.now() - asked < 31_000; await new Promise((resolve) => setTimeout(resolve, 250))) verdicts.push(await statusOf(forged));
    expect([verdicts.at(-1), verdicts.filter((status) => status !== 401 && status !== 503)]).toEqual([401, []]);
    process.stderr.write(`recovered ${((Date.now() - back) / 1_000).toFixed(1)} s after the restart\n`);
  }, 300_000);
});
