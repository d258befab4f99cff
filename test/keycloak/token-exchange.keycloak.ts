import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { Keycloak, userIds, type KeycloakUser } from '../tools/keycloak/keycloak.js';
import { readResult, startKeycloakGateway, type KeycloakGateway } from '../tools/keycloak/keycloak.gateway.js';

const keycloak = new Keycloak();
let gateway: KeycloakGateway;

beforeAll(async () => {
  gateway = await startKeycloakGateway(keycloak);
});
afterAll(() => gateway.stop());

const sentToken = () => String(gateway.upstream.last.headers['authorization']).replace(/^Bearer /, '');

describe('a call on behalf of a user, by Keycloak\'s token exchange', () => {
  it.each<KeycloakUser>(['alice', 'bob'])('reaches the API as %s, with a token that Keycloak signed for the API', async (user) => {
    const token = await keycloak.accessToken({ user });
    const { isError, text } = await readResult(await gateway.call(token, 'orders_getOrder'));
    expect([isError, text]).toEqual([false, '{}']);
    // As the API itself would verify it.
    const { payload } = await jwtVerify(sentToken(), createRemoteJWKSet(new URL(`${keycloak.issuer}/protocol/openid-connect/certs`)), { issuer: keycloak.issuer, audience: 'orders-api' });
    expect(payload).toMatchObject({ sub: userIds[user], aud: 'orders-api', azp: 'gatehouse', sid: decodeJwt(token)['sid'] });
    expect(String(payload['scope']).split(' ')).toContain('orders:read');
  });

  it('never shows the API the caller\'s own token', async () => {
    const token = await keycloak.accessToken();
    await gateway.call(token, 'orders_getOrder');
    const [, payload = ''] = token.split('.');
    expect(JSON.stringify(gateway.upstream.requests.map(({ rawHeaders, body }) => [rawHeaders, body.toString()]))).not.toContain(payload);
  });

  it('asks for a scope that Keycloak would grant only where the caller\'s token has it', async () => {
    const token = await keycloak.accessToken({ user: 'alice' });
    const before = gateway.upstream.requests.length;
    const response = await gateway.call(token, 'orders_deleteOrder');
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([403, expect.stringContaining('insufficient_scope')]);
    expect(gateway.upstream.requests).toHaveLength(before);
  });

  it('says why there is no token: the session has ended', async () => {
    const token = await keycloak.accessToken({ user: 'carol' });
    await keycloak.admin.logOut(userIds.carol);
    const before = gateway.upstream.requests.length;
    const { isError, text } = await readResult(await gateway.call(token, 'orders_getOrder'));
    expect([isError, text]).toEqual([true, expect.stringContaining('Invalid token')]);
    expect(gateway.upstream.requests).toHaveLength(before);
  });
});
