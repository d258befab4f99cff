import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify, type JWTPayload } from 'jose';
import { TestClient } from '../../demo/authorization-server/test-client.js';
import { startAuthorizationServer, type AuthorizationServer } from '../../demo/authorization-server/server.js';
import { CookieJar } from '../../demo/login/cookie-jar.js';
import { loginHeadless } from '../../demo/login/headless-login.js';
import { ConnectedAccounts } from '../../src/credentials/vault/connected-accounts.js';
import { openAccount } from '../../src/credentials/vault/connection.content.js';
import { ConnectionStore } from '../../src/credentials/vault/connection.store.js';
import { Connections } from '../../src/credentials/vault/connections.js';
import { DataKeys } from '../../src/credentials/vault/data-keys.js';
import { itemsDocument, startGateway, type Settings, type TestGateway } from '../tools/gateway.js';
import { describeBothWays } from '../tools/pgbouncer.js';
import { serveReplica } from '../tools/served.process.js';
import { callAt, describeVault, queryTenant, VAULT_KEY, visitorOf } from '../tools/vault.js';

const resource = 'https://orders.elsewhere.example/api';
const scope = 'openid offline_access orders:read';
/** The API speaks of the scopes of the server that its tokens are from. */
const document = JSON.parse(JSON.stringify(itemsDocument).replaceAll('items:read', 'orders:read')) as object;

describeBothWays('an account at a real authorization server whose refresh tokens are good once', (connect) => {
  let server: AuthorizationServer;
  let client: { readonly client_id: string; readonly client_secret: string };
  let gateway: TestGateway;

  beforeAll(async () => {
    server = await startAuthorizationServer({ port: 0, gatehouseSecret: 'of-the-demo', gatewayUrls: ['http://localhost:3232'], rotatesRefreshTokens: true });
    client = await register();
    gateway = await startGateway({
      connect,
      document,
      secrets: { VAULT_KEY, CLIENT_SECRET: client.client_secret },
      change: (settings) => {
        const connection = { clientId: client.client_id, clientSecret: 'env:CLIENT_SECRET', scopes: scope.split(' '), parameters: { resource, prompt: 'consent' } };
        describeVault(settings, { url: server.issuer, host: new URL(server.issuer).host }, connection);
        for (const api of settings['apis'] as Settings[]) api['scopes'] = { 'orders:read': 'items:read' };
      },
    });
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`));
    gateway.upstream.answerWith(async ({ headers }) =>
      jwtVerify(String(headers['authorization']).replace('Bearer ', ''), keys, { issuer: server.issuer, audience: resource }).then(
        () => ({}),
        () => ({ status: 401 }),
      ),
    );
  }, 60_000);
  afterAll(async () => {
    await gateway.stop();
    await server.close();
  });

  /** A confidential client; any port of the loopback address is its callback (RFC 8252 §7.3). */
  async function register(): Promise<typeof client> {
    const response = await fetch(`${server.issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_name: 'Gatehouse elsewhere', redirect_uris: ['http://127.0.0.1/connections/callback/account'], token_endpoint_auth_method: 'client_secret_basic', grant_types: ['authorization_code', 'refresh_token'] }),
    });
    return (await response.json()) as typeof client;
  }

  const basic = () => `${client.client_id}:${client.client_secret}`;
  const of = <T>(type: abstract new (...parameters: never[]) => T): T => gateway.app.get(type, { strict: false });
  const visitor = (subject: string) => visitorOf(gateway, subject);

  /** What a person does: login and consent at the other server, and back. Who they are there is theirs to say. */
  async function connectAs(user: string, subject = user): Promise<void> {
    const authorizationUrl = await of(Connections).begin(visitor(subject), 'account', 'session', gateway.url);
    const back = await loginHeadless({ authorizationUrl, user, cookies: new CookieJar() });
    await of(Connections).complete(visitor(subject), 'account', 'session', back.searchParams);
  }

  const call = async (subject: string) => (await gateway.call(await gateway.token({ sub: subject }), 'items_getItem', { id: '1' })).result;
  const sent = (): JWTPayload => decodeJwt(String(gateway.upstream.last.headers['authorization']).replace('Bearer ', ''));

  /** Makes the token one that has ended, as time would. */
  async function endToken(subject: string): Promise<void> {
    await queryTenant({ gateway, visitor }, `UPDATE connections SET expires_at = now() - interval '1 second' WHERE subject = $1`, [subject]);
    of(ConnectedAccounts).forget();
  }

  /** The refresh token as the vault keeps it. */
  async function keptRefreshToken(subject: string): Promise<string> {
    const { tenant, caller } = visitor(subject);
    const key = { name: 'account', issuer: caller.issuer, subject };
    const row = await of(ConnectionStore).find(tenant, key);
    if (!row) throw new Error(`${subject} has no connection`);
    return (await openAccount(of(DataKeys), tenant, key, row)).refreshToken?.reveal() ?? '';
  }

  async function isActive(token: string): Promise<unknown> {
    const response = await fetch(`${server.issuer}/token/introspection`, { method: 'POST', body: new URLSearchParams({ token }), headers: { authorization: `Basic ${Buffer.from(basic()).toString('base64')}` } });
    return ((await response.json()) as { active: unknown }).active;
  }

  const refresh = (token: string) => new TestClient(server.issuer).postToken({ grant_type: 'refresh_token', refresh_token: token }, basic());

  it('is connected by login and consent there, and its token is what the API gets', async () => {
    expect((await call('alice'))?.isError).toBe(true);
    await connectAs('alice');
    expect((await call('alice'))?.isError).toBeUndefined();
    expect(sent()).toMatchObject({ iss: server.issuer, sub: 'alice', aud: resource, client_id: client.client_id, scope: 'openid orders:read' });
    expect(await of(Connections).list(visitor('alice'))).toMatchObject([{ name: 'account', state: 'connected', scopes: ['openid', 'orders:read'] }]);
  });

  it('is refreshed when its token has ended, with another refresh token each time', async () => {
    await connectAs('alice', 'rita');
    const seen = [await keptRefreshToken('rita')];
    for (let round = 0; round < 3; round += 1) {
      await call('rita');
      const before = sent()['jti'];
      await endToken('rita');
      expect((await call('rita'))?.isError).toBeUndefined();
      expect(sent()).toMatchObject({ sub: 'alice', aud: resource });
      expect(sent()['jti']).not.toBe(before);
      seen.push(await keptRefreshToken('rita'));
    }
    expect(new Set(seen).size).toBe(4);
    expect(await Promise.all(seen.map(isActive))).toEqual([false, false, false, true]);
  });

  it('is ended there when a refresh token comes twice, and then has to be connected again', async () => {
    await connectAs('alice', 'thea');
    const stolen = await keptRefreshToken('thea');
    const thief = await refresh(stolen);
    expect(thief.status).toBe(200);
    // Gatehouse still has the token that the thief used up: the server ends the family, and the thief's with it.
    await endToken('thea');
    expect((await call('thea'))?.content?.[0]?.text).toMatch(/^your account "The other service" has to be connected again: /);
    expect(await refresh(thief.body['refresh_token'] ?? '')).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    await connectAs('alice', 'thea');
    expect((await call('thea'))?.isError).toBeUndefined();
  });

  it('never comes to that by Gatehouse: two processes, 20 parallel calls each, three times', async () => {
    await connectAs('carol');
    const replicas = await Promise.all([serveReplica(gateway), serveReplica(gateway)]);
    try {
      for (let round = 0; round < 3; round += 1) {
        const before = await keptRefreshToken('carol');
        await endToken('carol');
        // The processes forget what they hold when their user connects or disconnects something.
        await of(ConnectionStore).tell();
        await new Promise((resolve) => setTimeout(resolve, 300));
        const results = await Promise.all(replicas.flatMap(({ url }) => Array.from({ length: 20 }, () => callAt(url, gateway, 'carol'))));
        expect(results.filter(({ result }) => result !== undefined && result.isError !== true)).toHaveLength(40);
        expect(await keptRefreshToken('carol')).not.toBe(before);
      }
      // A family in which any token came twice would be dead.
      expect(await isActive(await keptRefreshToken('carol'))).toBe(true);
    } finally {
      await Promise.all(replicas.map((replica) => replica.stop()));
    }
  }, 60_000);

  it('is revoked there when its user disconnects it', async () => {
    await connectAs('bob');
    const token = await keptRefreshToken('bob');
    expect(await isActive(token)).toBe(true);
    expect(await of(Connections).disconnect(visitor('bob'), 'account')).toBe(true);
    expect(await isActive(token)).toBe(false);
    expect(await refresh(token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await call('bob'))?.content?.[0]?.text).toContain('/connections/to/account?for=');
  });
});
