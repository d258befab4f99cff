import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { adminApiDocument, hasWholeDocument } from '../tools/keycloak/admin-api.document.js';
import { Keycloak, userIds, type KeycloakUser } from '../tools/keycloak/keycloak.js';
import { readResult, startKeycloakGateway, type KeycloakGateway } from '../tools/keycloak/keycloak.gateway.js';
import type { Settings } from '../tools/gateway.js';

const keycloak = new Keycloak();
let gateway: KeycloakGateway;

beforeAll(async () => {
  // `users:read` leads to Keycloak's own API; `directory` is what a person signs in with to let an agent read there.
  await keycloak.admin.addScope('users:read', 'realm-management');
  await keycloak.admin.allowScope('gatehouse', 'users:read');
  await keycloak.admin.addScope('directory');
  await keycloak.admin.allowScope('mcp-client', 'directory');
  await keycloak.admin.grantRoles(userIds.carol, 'realm-management', ['view-users', 'query-users']);
  gateway = await startKeycloakGateway(keycloak, addApis);
  const keys = createRemoteJWKSet(new URL(`${keycloak.issuer}/protocol/openid-connect/certs`));
  gateway.upstream.answerWith(async ({ headers }) => {
    try {
      const { payload } = await jwtVerify(String(headers['authorization']).replace('Bearer ', ''), keys, { issuer: keycloak.issuer, audience: 'orders-api' });
      return { body: JSON.stringify({ orderOf: payload.sub, through: payload['azp'] }) };
    } catch {
      return { status: 401 };
    }
  });
});
afterAll(() => gateway.stop());

/** Beside the small API of the realm: Keycloak's own, and the small one again with a scope under another name. */
function addApis(settings: Settings): void {
  const apis = settings['apis'] as { credentials: Settings[] }[];
  const [orders] = apis;
  apis.push(
    { ...orders, name: 'renamed', scopes: { 'orders:write': 'orders:read' } } as never,
    {
      ...orders,
      name: 'keycloak',
      openapi: adminApiDocument,
      baseUrl: `${keycloak.base}/admin/realms`,
      scopes: { 'users:read': 'directory' },
      overrides: {
        'GET /{realm}/users': { name: 'listUsers', scopes: ['users:read'] },
        'GET /{realm}/users/{id}': { name: 'getUser', scopes: ['users:read'] },
        'GET /{realm}/clients': { name: 'listClients', scopes: ['users:read'] },
      },
      credentials: [{ ...orders?.credentials[0], audience: 'realm-management' }],
    } as never,
  );
}

const signIn = (user: KeycloakUser, scope = 'openid orders:read directory') => keycloak.accessToken({ user, scope });
const call = async (token: string, tool: string, args: object = { realm: 'acme' }) => readResult(await gateway.call(token, tool, args));

describe(`Keycloak's own Admin REST API as tools${hasWholeDocument ? '' : ' (of an excerpt: ../shared/openapi is not there)'}`, () => {
  it('lets carol, who has the role, read the users, as herself', async () => {
    const token = await signIn('carol');
    const users = await call(token, 'keycloak_listUsers');
    expect([users.isError, users.text]).toEqual([false, expect.stringContaining(userIds.alice)]);
    const one = await call(token, 'keycloak_getUser', { realm: 'acme', id: userIds.bob });
    expect([one.isError, one.text]).toEqual([false, expect.stringContaining('"username":"bob"')]);
  });

  it('gives alice, who has not, the API\'s own 403 as an error of the tool', async () => {
    const { isError, text } = await call(await signIn('alice'), 'keycloak_listUsers');
    expect(isError).toBe(true);
    expect(text).toContain('403');
  });

  it('gives carol no more than her roles: the clients are not hers to see', async () => {
    const { isError, text } = await call(await signIn('carol'), 'keycloak_listClients');
    expect([isError, text]).toEqual([false, '[]']);
  });

  it('names in the audit who called, who acted, with which scopes, and what came of it', async () => {
    const outcome = async (user: KeycloakUser) => (await gateway.outcomes(userIds[user], 'keycloak_listUsers')).at(-1);
    const common = { issuer: keycloak.issuer, actor: 'gatehouse', clientId: 'mcp-client', api: 'keycloak', scopes: ['users:read'] };
    expect(await outcome('carol')).toMatchObject({ ...common, result: 'success', upstreamStatus: 200 });
    expect(await outcome('alice')).toMatchObject({ ...common, result: 'failure', upstreamStatus: 403 });
  });

  it('is another audience than the realm\'s small API: each call carries a token for one of the two', async () => {
    const token = await signIn('carol');
    await call(token, 'keycloak_listUsers');
    const { isError, text } = await call(token, 'orders_getOrder', { id: '7' });
    expect([isError, JSON.parse(text ?? '')]).toEqual([false, { orderOf: userIds.carol, through: 'gatehouse' }]);
    const sent = decodeJwt(String(gateway.upstream.last.headers['authorization']).replace('Bearer ', ''));
    expect(sent).toMatchObject({ aud: 'orders-api', sub: userIds.carol });
    expect(sent).not.toHaveProperty('resource_access');
  });
});

describe('a scope that Keycloak would give', () => {
  it.each([
    ['carol', 'openid orders:read', 'realm-management', 'users:read', 'keycloak_listUsers', 'directory'],
    ['alice', 'openid orders:read directory', 'orders-api', 'orders:write', 'orders_deleteOrder', 'orders:write'],
  ] as const)('is not obtained for %s, whose token (%s) lacks it: %s %s', async (user, signedInWith, audience, scope, tool, needed) => {
    const token = await signIn(user, signedInWith);
    expect((await keycloak.exchange(token, audience, scope)).scope).toBe(scope);
    const done = async () => [gateway.upstream.requests.length, (await gateway.outcomes(userIds[user], tool)).length];
    const before = await done();
    const response = await gateway.call(token, tool, { realm: 'acme', id: '7' });
    const challenge = response.headers.get('www-authenticate') ?? '';
    expect([response.status, challenge]).toEqual([403, expect.stringContaining('error="insufficient_scope"')]);
    expect(challenge).toContain(`this call needs the scope ${needed}`);
    expect(await done()).toEqual(before);
  });
});

describe('a scope that Keycloak leaves out without a word', () => {
  it('is a clear error before the API is called', async () => {
    const token = await signIn('bob');
    expect((await keycloak.exchange(token, 'orders-api', 'orders:read orders:write')).scope).toBe('orders:read');
    const before = gateway.upstream.requests.length;
    const { isError, text } = await call(token, 'renamed_deleteOrder', { id: '7' });
    expect(isError).toBe(true);
    expect(text).toContain('the token for API "renamed" was not granted orders:write, which this operation needs: the identity provider left it out');
    expect(text).toContain('Ask an administrator of provider "corp" to allow you orders:write');
    expect(gateway.upstream.requests).toHaveLength(before);
    expect((await gateway.outcomes(userIds.bob, 'renamed_deleteOrder')).at(-1)).toMatchObject({ actor: 'gatehouse', scopes: ['orders:read'], result: 'failure', upstreamStatus: null });
  });

  it('is there for alice, who has the role', async () => {
    const { isError, text } = await call(await signIn('alice'), 'renamed_deleteOrder', { id: '7' });
    expect([isError, JSON.parse(text ?? '')]).toMatchObject([false, { orderOf: userIds.alice }]);
  });
});
