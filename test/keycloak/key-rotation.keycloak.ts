import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { Keycloak } from '../tools/keycloak/keycloak.js';
import { startKeycloakGateway, type KeycloakGateway } from '../tools/keycloak/keycloak.gateway.js';

const keycloak = new Keycloak();
let gateway: KeycloakGateway;

beforeAll(async () => {
  gateway = await startKeycloakGateway(keycloak);
});
afterAll(() => gateway.stop());

const kidOf = (token: string) => decodeProtectedHeader(token).kid;

/** Fault 3. */
describe('a signing key that Keycloak rotates while the gateway runs', () => {
  it('refuses neither old tokens nor new ones', async () => {
    // Of several users and times, so that most are verified for the first time after the rotation.
    const old = await Promise.all([1, 2, 3, 4].map(() => keycloak.accessToken()));
    expect((await gateway.list(old[0]!)).status).toBe(200);

    await keycloak.admin.rotateSigningKey();
    const fresh = await Promise.all([1, 2, 3, 4].map(() => keycloak.accessToken()));
    expect(kidOf(fresh[0]!)).not.toBe(kidOf(old[0]!));
    expect((await keycloak.keys()).map(({ kid }) => kid)).toEqual(expect.arrayContaining([kidOf(old[0]!), kidOf(fresh[0]!)]));

    const statuses = await Promise.all([...old, ...fresh].map(async (token) => (await gateway.list(token)).status));
    expect(statuses).toEqual(Array.from({ length: 8 }, () => 200));
    expect((await gateway.call(fresh[0]!, 'orders_getOrder')).status).toBe(200);
  });
});
