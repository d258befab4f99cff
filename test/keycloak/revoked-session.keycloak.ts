import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Keycloak, userIds } from '../tools/keycloak/keycloak.js';
import { readResult, startKeycloakGateway, type KeycloakGateway } from '../tools/keycloak/keycloak.gateway.js';

const keycloak = new Keycloak();
let gateway: KeycloakGateway;

beforeAll(async () => {
  gateway = await startKeycloakGateway(keycloak, (settings) => {
    settings['providers'] = {
      corp: { preset: 'introspection', issuer: keycloak.issuer, clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET', audiences: [keycloak.mcpUrl], basicScopes: ['openid', 'orders:read'] },
    };
  });
});
afterAll(async () => {
  await gateway.stop();
  await keycloak.start();
}, 300_000);

/** The default of `cacheFor`, which is what Gatehouse publishes. */
const BOUND_MS = 60_000;

/** Security attack 29, where each token is asked about at Keycloak (RFC 7662). */
describe('a token that Keycloak no longer honours', () => {
  it('is refused within the published bound after its session has ended', async () => {
    const token = await keycloak.accessToken({ user: 'alice' });
    expect((await readResult(await gateway.call(token, 'orders_getOrder'))).isError).toBe(false);
    await keycloak.admin.logOut(userIds.alice);
    const ended = Date.now();
    let response = await gateway.call(token, 'orders_getOrder');
    while (response.status !== 401 && Date.now() - ended <= BOUND_MS) {
      await response.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, 500));
      response = await gateway.call(token, 'orders_getOrder');
    }
    process.stderr.write(`refused ${((Date.now() - ended) / 1_000).toFixed(1)} s after the logout\n`);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('the token is not active')]);
    const calls = gateway.upstream.requests.length;
    expect((await gateway.call(token, 'orders_getOrder')).status).toBe(401);
    expect(gateway.upstream.requests).toHaveLength(calls);
  }, 90_000);

  it('is refused at once when it was not seen before the session ended', async () => {
    const [ended, other] = await Promise.all([keycloak.accessToken({ user: 'bob' }), keycloak.accessToken({ user: 'alice' })]);
    await keycloak.admin.logOut(userIds.bob);
    expect((await gateway.list(ended)).status).toBe(401);
    expect((await gateway.list(other)).status).toBe(200);
  });

  it('is refused when its client was disabled', async () => {
    const token = await keycloak.accessToken({ user: 'alice' });
    await keycloak.admin.setClientEnabled('mcp-client', false);
    try {
      expect((await gateway.list(token)).status).toBe(401);
    } finally {
      await keycloak.admin.setClientEnabled('mcp-client', true);
    }
    expect((await gateway.list(await keycloak.accessToken({ user: 'alice' }))).status).toBe(200);
  });

  it('is refused when it is for somebody else', async () => {
    expect((await gateway.list(await keycloak.accessToken({ client: 'stranger-client', scope: 'openid' }))).status).toBe(401);
  });
});

/** Fault 4. */
describe('an introspection endpoint that is down', () => {
  it('leaves tokens in force that it confirmed a moment ago, and answers others with 503', async () => {
    const [confirmed, unseen] = await Promise.all([keycloak.accessToken({ user: 'alice' }), keycloak.accessToken({ user: 'bob' })]);
    expect((await gateway.list(confirmed)).status).toBe(200);
    await keycloak.stop();
    expect((await gateway.list(confirmed)).status).toBe(200);
    const response = await gateway.list(unseen);
    expect([response.status, Number(response.headers.get('retry-after')) > 0]).toEqual([503, true]);
  });
});
