import { randomUUID } from 'node:crypto';
import { FakeIntrospection } from '@gatehouse-mcp/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { addRevocation, type NewRevocation } from '../../src/auth/revocations/revocation.store.js';
import { GATEWAY_SECRET, startGateway, type TestGateway } from '../tools/gateway.js';
import { describeBothWays } from '../tools/pgbouncer.js';
import { serveReplica } from '../tools/served.process.js';

const CACHE_MS = 700;
const WITHIN_MS = 5_000;
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

describeBothWays('revocation', (connect) => {
  let gateway: TestGateway;
  let replica: Awaited<ReturnType<TestGateway['replica']>>;
  let server: FakeIntrospection;

  beforeAll(async () => {
    server = await FakeIntrospection.start();
    server.registerClient({ id: 'gatehouse', secret: GATEWAY_SECRET });
    const granted = { access_token: 'exchanged', issued_token_type: 'urn:ietf:params:oauth:token-type:access_token', token_type: 'Bearer', expires_in: 300, scope: 'items:read' };
    server.fixed.set('/token', { status: 200, body: JSON.stringify(granted), headers: { 'content-type': 'application/json' } });
    gateway = await startGateway({
      connect,
      change: (settings) => {
        settings['providers'] = { ...(settings['providers'] as object), opaque: { preset: 'introspection', issuer: server.issuer, clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET', audiences: ['gatehouse'], cacheFor: `${CACHE_MS}ms` } };
        settings['tenants'] = { ...(settings['tenants'] as object), third: { rules: [{ provider: 'opaque' }] } };
        const [api] = settings['apis'] as { credentials: object[] }[];
        (settings['apis'] as object[]).push({ ...api, tenant: 'third', credentials: [{ ...api!.credentials[0], provider: 'opaque' }] });
        (settings['egress'] as { allow: string[] }).allow.push(server.host);
      },
    });
    replica = await gateway.replica();
  });
  afterAll(async () => {
    await replica.stop();
    await gateway.stop();
    await server.stop();
  });

  const now = () => Math.floor(Date.now() / 1_000);
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const doors = () => [gateway.url, replica.url];

  async function statusAt(url: string, token: string, body: object = list): Promise<number> {
    const response = await fetch(`${url}/mcp`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' }, body: JSON.stringify(body) });
    await response.arrayBuffer();
    return response.status;
  }

  const everywhere = (token: string) => Promise.all(doors().map((url) => statusAt(url, token)));

  /** Milliseconds until every replica refuses the token; at most the bound and a little. */
  async function refusedAfter(token: string, urls = doors()): Promise<number> {
    const started = performance.now();
    while (performance.now() - started < WITHIN_MS + 1_000) {
      if ((await Promise.all(urls.map((url) => statusAt(url, token)))).every((status) => status === 401)) break;
      await sleep(25);
    }
    return performance.now() - started;
  }

  const revoke = (kind: NewRevocation['kind'], provider: string | null, value: string) =>
    addRevocation(gateway.app.get(DataSource), { kind, provider, value, reason: 'a test', expiresAt: new Date(Date.now() + 3_600_000) });

  /** Security attack 29. */
  describe('a token that was revoked at its provider', () => {
    it('is refused no later than cacheFor, and the token exchanged for it is not used either', async () => {
      const token = randomUUID();
      server.activate(token, { sub: 'alice', aud: 'gatehouse', scope: 'items:read', exp: now() + 300 });
      expect((await gateway.call(token, 'items_getItem', { id: 'x' })).error).toBeUndefined();
      const [calls, exchanges] = [gateway.upstream.requests.length, server.fetches.get('/token')];
      expect([calls, exchanges]).toEqual([1, 1]);
      server.end(token);
      await sleep(CACHE_MS);
      const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'items_getItem', arguments: { id: 'x' } } };
      expect((await gateway.post(body, { token })).status).toBe(401);
      expect(await statusAt(replica.url, token)).toBe(401);
      expect([gateway.upstream.requests.length, server.fetches.get('/token')]).toEqual([calls, exchanges]);
    });

    it('is refused at once where it was not seen before', async () => {
      const token = randomUUID();
      server.activate(token, { sub: 'bob', aud: 'gatehouse', exp: now() + 300 });
      server.end(token);
      expect(await everywhere(token)).toEqual([401, 401]);
    });
  });

  describe('what an administrator revoked', () => {
    it('is refused by every replica within 5 s: one token, and no other of the same user', async () => {
      const [one, other] = await Promise.all([gateway.token({ sub: 't', jti: 'one' }), gateway.token({ sub: 't', jti: 'other' })]);
      expect(await everywhere(one)).toEqual([200, 200]);
      await revoke('token', 'corp', 'one');
      expect(await refusedAfter(one)).toBeLessThan(WITHIN_MS);
      expect(await everywhere(other)).toEqual([200, 200]);
      // The clock of its issuer makes the same token no other one.
      expect(await everywhere(await gateway.token({ sub: 't', jti: 'one', iat: now() + 30 }))).toEqual([401, 401]);
    });

    it('is refused by every replica within 5 s: a subject, whose next token is good', async () => {
      const [alice, bob] = await Promise.all([gateway.token({ sub: 'alice' }), gateway.token({ sub: 'bob' })]);
      expect([await everywhere(alice), await everywhere(bob)]).toEqual([[200, 200], [200, 200]]);
      await revoke('subject', 'corp', 'alice');
      expect(await refusedAfter(alice)).toBeLessThan(WITHIN_MS);
      expect(await everywhere(bob)).toEqual([200, 200]);
      // Neither a token that was not seen yet nor one that does not say when it was issued.
      expect(await everywhere(await gateway.token({ sub: 'alice', iat: now() - 60, jti: 'unseen' }))).toEqual([401, 401]);
      expect(await everywhere(await gateway.token({ sub: 'alice', iat: undefined }))).toEqual([401, 401]);
      await sleep(1_100);
      expect(await everywhere(await gateway.token({ sub: 'alice' }))).toEqual([200, 200]);
      // Somebody of the same name at another provider is somebody else.
      const opaque = randomUUID();
      server.activate(opaque, { sub: 'alice', aud: 'gatehouse', exp: now() + 300 });
      expect(await everywhere(opaque)).toEqual([200, 200]);
    });

    it('is refused within 5 s by a process of its own', async () => {
      const other = await serveReplica(gateway);
      try {
        const token = await gateway.token({ sub: 'elsewhere' });
        expect(await statusAt(other.url, token)).toBe(200);
        await revoke('subject', 'corp', 'elsewhere');
        expect(await refusedAfter(token, [gateway.url, replica.url, other.url])).toBeLessThan(WITHIN_MS);
      } finally {
        await other.stop();
      }
    });

    it('takes the exchanged tokens with it, on every replica', async () => {
      const token = await gateway.token({ sub: 'exchanging' });
      const exchanges = async () => {
        const before = gateway.issuer.tokenRequests.length;
        for (const url of doors()) expect(await statusAt(url, token, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'items_getItem', arguments: { id: 'x' } } })).toBe(200);
        return gateway.issuer.tokenRequests.length - before;
      };
      expect([await exchanges(), await exchanges()]).toEqual([2, 0]);
      await revoke('subject', 'corp', 'somebody');
      const somebody = await gateway.token({ sub: 'somebody', iat: now() - 10 });
      expect(await refusedAfter(somebody)).toBeLessThan(WITHIN_MS);
      // Nobody can tell for whom an exchanged token was last used, so all are exchanged again.
      expect(await exchanges()).toBe(2);
    });

    it('is refused by every replica within 5 s: a client', async () => {
      const [agent, other] = await Promise.all([gateway.token({ sub: 'c', client_id: 'bad-agent' }), gateway.token({ sub: 'c', client_id: 'good-agent' })]);
      expect(await everywhere(agent)).toEqual([200, 200]);
      await revoke('client', 'corp', 'bad-agent');
      expect(await refusedAfter(agent)).toBeLessThan(WITHIN_MS);
      expect(await everywhere(other)).toEqual([200, 200]);
      await sleep(1_100);
      expect(await everywhere(await gateway.token({ sub: 'c', client_id: 'bad-agent' }))).toEqual([200, 200]);
    });

    it('is refused within 5 s when the notification is lost', async () => {
      const token = await gateway.token({ sub: 'unnotified' });
      expect(await everywhere(token)).toEqual([200, 200]);
      const source = gateway.app.get(DataSource);
      await source.query(`INSERT INTO gatehouse.revocations (kind, provider, value, expires_at) VALUES ('subject', 'corp', 'unnotified', now() + interval '1 hour')`);
      await source.query(`UPDATE gatehouse.epochs SET value = value + 1 WHERE topic = 'revocations'`);
      expect(await refusedAfter(token)).toBeLessThan(WITHIN_MS);
    });

    it('is refused by every replica within 5 s: a tenant', async () => {
      const [acme, globex] = await Promise.all([gateway.token(), gateway.token({ tenant: 'globex' })]);
      expect([await everywhere(acme), await everywhere(globex)]).toEqual([[200, 200], [200, 200]]);
      await revoke('tenant', null, 'globex');
      expect(await refusedAfter(globex)).toBeLessThan(WITHIN_MS);
      expect(await everywhere(acme)).toEqual([200, 200]);
      await sleep(1_100);
      expect(await everywhere(await gateway.token({ tenant: 'globex' }))).toEqual([200, 200]);
    });

    it('is refused by every replica within 5 s: a provider, and a replica that starts later refuses it too', async () => {
      const token = await gateway.token();
      const opaque = randomUUID();
      server.activate(opaque, { sub: 'carol', aud: 'gatehouse', exp: now() + 300, iat: now() - 5 });
      expect([await everywhere(token), await everywhere(opaque)]).toEqual([[200, 200], [200, 200]]);
      await revoke('provider', null, 'corp');
      expect(await refusedAfter(token)).toBeLessThan(WITHIN_MS);
      expect(await everywhere(opaque)).toEqual([200, 200]);
      const later = await gateway.replica();
      expect(await statusAt(later.url, token)).toBe(401);
      await later.stop();
      await sleep(1_100);
      expect(await everywhere(await gateway.token())).toEqual([200, 200]);
    });
  });
});
