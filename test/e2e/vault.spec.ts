import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { ConnectedAccounts } from '../../src/credentials/vault/connected-accounts.js';
import { Connections } from '../../src/credentials/vault/connections.js';
import { DataKeys, vaultTopic } from '../../src/credentials/vault/data-keys.js';
import { RefreshLeases } from '../../src/credentials/vault/refresh.lease.js';
import { Rekeying } from '../../src/credentials/vault/rekeying.js';
import { bump, ChangeFeed } from '../../src/database/change-feed.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { describeBothWays } from '../tools/pgbouncer.js';
import { serveReplica } from '../tools/served.process.js';
import { callAt, consent, queryTenant, startVault, type TestVault } from '../tools/vault.js';

describeBothWays('the vault', (connect) => {
  let vault: TestVault;

  beforeAll(async () => {
    vault = await startVault({ connect });
  }, 60_000);
  afterAll(() => vault.stop());
  beforeEach(() => {
    vault.accounts.habits = {};
    vault.accounts.consents = true;
  });

  const call = async (subject: string, tool = 'items_getItem') => {
    const { gateway } = vault;
    return gateway.call(await gateway.token({ sub: subject }), tool, { id: '1' });
  };
  const rows = (sql: string, parameters: unknown[] = []) => queryTenant(vault, sql, parameters);
  /** Makes the token of a connection one that ends in this many seconds, as time would. */
  const endIn = (subject: string, seconds: number) => rows('UPDATE connections SET expires_at = now() + make_interval(secs => $2) WHERE subject = $1', [subject, seconds]);
  const forget = () => vault.gateway.app.get(ConnectedAccounts, { strict: false }).forget();

  describe('a connected account', () => {
    it('is asked for by a link, and serves the same call once it is connected', async () => {
      const before = await call('alice');
      expect(before.result?.isError).toBe(true);
      expect(before.result?.content?.[0]?.text).toMatch(/^this tool needs your account "The other service" to be connected\. .* http:\/\/127\.0\.0\.1:\d+\/connections\/to\/account\?for=ey/);
      expect(vault.gateway.upstream.requests).toHaveLength(0);
      await vault.connect('alice');
      expect((await call('alice')).result?.isError).toBeUndefined();
      expect(vault.gateway.upstream.last.headers['authorization']).toMatch(/^Bearer at-/);
      // Another user has another account, and none of alice's.
      expect((await call('bob')).result?.isError).toBe(true);
    });

    it('is kept sealed: no token stands in the database', async () => {
      await vault.connect('sealed');
      const [row] = await rows('SELECT * FROM connections WHERE subject = $1', ['sealed']);
      const text = JSON.stringify(row, (_, value: unknown) => (typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' ? Buffer.from((value as unknown as { data: number[] }).data).toString('latin1') : value));
      expect(text).toContain('sealed');
      expect(text).not.toMatch(/[ar]t-[0-9a-f]{8}/);
    });

    it('asks a client that declares it to open the link: -32042 in the legacy era, input_required in the modern', async () => {
      const { gateway } = vault;
      const token = await gateway.token({ sub: 'erin' });
      const initialize = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: { elicitation: { form: {}, url: {} } }, clientInfo: { name: 't', version: '1' } } }, { token });
      const session = initialize.headers.get('mcp-session-id');
      expect(session).toMatch(/^url-elicitation\./);
      const body = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'items_getItem', arguments: { id: '1' } } };
      const legacy = (await (await gateway.post(body, { token, headers: { 'mcp-session-id': session ?? '', 'mcp-protocol-version': '2025-11-25' } })).json()) as { error: { code: number; data: { elicitations: { mode: string; url: string; elicitationId: string }[] } } };
      expect(legacy.error.code).toBe(-32042);
      expect(legacy.error.data.elicitations).toMatchObject([{ mode: 'url', url: expect.stringContaining('/connections/to/account?for='), elicitationId: expect.any(String) }]);
      const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' }, 'io.modelcontextprotocol/clientCapabilities': { elicitation: { url: {} } } };
      const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'items_getItem' };
      const modern = (await (await gateway.post({ ...body, params: { ...body.params, _meta: meta } }, { token, headers })).json()) as { result: Record<string, unknown> };
      expect(modern.result).toMatchObject({ resultType: 'input_required', inputRequests: { connect: { method: 'elicitation/create', params: { mode: 'url', url: expect.stringContaining('/connections/to/account?for=') } } } });
    });

    it('remembers no such thing of a client that does not declare it', async () => {
      const response = await vault.gateway.post({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: { elicitation: {} }, clientInfo: { name: 't', version: '1' } } }, { token: await vault.gateway.token() });
      expect(response.headers.get('mcp-session-id')).toMatch(/^[\da-f-]{36}$/);
    });

    it('is refreshed ahead of its end, and serves to its end while the server is away', async () => {
      await vault.connect('dora');
      await call('dora');
      const first = vault.gateway.upstream.last.headers['authorization'];
      await endIn('dora', 30);
      forget();
      vault.accounts.fixed.set('/token', { status: 503, body: '' });
      expect((await call('dora')).result?.isError).toBeUndefined();
      expect(vault.gateway.upstream.last.headers['authorization']).toBe(first);
      vault.accounts.fixed.clear();
      await new Promise((resolve) => setTimeout(resolve, 5_100));
      forget();
      expect((await call('dora')).result?.isError).toBeUndefined();
      expect(vault.gateway.upstream.last.headers['authorization']).not.toBe(first);
    }, 20_000);

    it('is refreshed once when the API answers 401, and not again for an API that always does', async () => {
      await vault.connect('fay');
      await call('fay');
      const count = vault.accounts.refreshed.length;
      vault.gateway.upstream.answerWith(() => ({ status: 401 }));
      try {
        for (let round = 0; round < 3; round += 1) expect((await call('fay')).result?.isError).toBe(true);
      } finally {
        vault.gateway.upstream.answerWith(({ headers }) => (vault.accounts.accepts(String(headers['authorization']).slice(7)) ? {} : { status: 401 }));
      }
      expect(vault.accounts.refreshed.length - count).toBe(1);
    });

    it('has to be connected again when its user ended it at the server', async () => {
      await vault.connect('gus');
      await call('gus');
      vault.accounts.revokeAll();
      const refused = await call('gus');
      expect(refused.result?.content?.[0]?.text).toMatch(/^your account "The other service" has to be connected again: /);
      const views = await vault.gateway.app.get(Connections, { strict: false }).list(vault.visitor('gus'));
      expect(views).toMatchObject([{ name: 'account', state: 'lost' }]);
      await vault.connect('gus');
      expect((await call('gus')).result?.isError).toBeUndefined();
    });

    it('is ended at its server and on every replica when its user disconnects it', async () => {
      await vault.connect('hal');
      const replica = await serveReplica(vault.gateway);
      const callReplica = () => callAt(replica.url, vault.gateway, 'hal');
      try {
        expect((await callReplica()).result?.isError).toBeUndefined();
        expect(await vault.gateway.app.get(Connections, { strict: false }).disconnect(vault.visitor('hal'), 'account')).toBe(true);
        expect(vault.accounts.revoked.filter((token) => token.startsWith('rt-'))).toHaveLength(1);
        expect(await rows('SELECT 1 FROM connections WHERE subject = $1', ['hal'])).toHaveLength(0);
        const until = Date.now() + 5_000;
        let text: string | undefined;
        while (text === undefined && Date.now() < until) text = (await callReplica()).result?.content?.find((block) => block.text.includes('to be connected'))?.text;
        expect(text).toContain('/connections/to/account?for=');
      } finally {
        await replica.stop();
      }
    }, 20_000);

    it('is what its user connected last, when it is ended and made anew during a refresh', async () => {
      const sealed = () => rows('SELECT sealed FROM connections WHERE subject = $1', ['jan']);
      await vault.connect('jan');
      await endIn('jan', -1);
      vault.accounts.refreshDelayMs = 1_000;
      const before = vault.accounts.refreshed.length;
      const refreshing = call('jan');
      while (vault.accounts.refreshed.length === before) await new Promise((resolve) => setTimeout(resolve, 20));
      vault.accounts.refreshDelayMs = 0;
      await vault.gateway.app.get(Connections, { strict: false }).disconnect(vault.visitor('jan'), 'account');
      await vault.connect('jan');
      const connected = await sealed();
      await refreshing;
      expect(await sealed()).toEqual(connected);
      expect((await call('jan')).result?.isError).toBeUndefined();
    });

    it('keeps the lease of its refresh from whoever had one before it was made anew', async () => {
      const leases = vault.gateway.app.get(RefreshLeases, { strict: false });
      const { tenant, caller } = vault.visitor('kay');
      const key = { name: 'account', issuer: caller.issuer, subject: 'kay' };
      const take = async () => leases.take(tenant, key, String((await rows('SELECT version FROM connections WHERE subject = $1', ['kay']))[0]?.['version']));
      await vault.connect('kay');
      const before = await take();
      await vault.gateway.app.get(Connections, { strict: false }).disconnect(vault.visitor('kay'), 'account');
      await vault.connect('kay');
      expect(await take()).toMatchObject({ wasSent: false });
      await leases.giveBack(tenant, key, before!);
      expect(await take()).toBeUndefined();
    });

    it('that was connected with less than a tool needs is asked for again, before the API is called', async () => {
    vault.accounts.habits = { allows: 'items:read' };
    await vault.connect('jan');
    const before = vault.gateway.upstream.requests.length;
    const refused = await call('jan', 'items_deleteItem');
    expect(refused.result?.content?.[0]?.text).toMatch(/^your account "The other service" was connected without items:write, which this tool needs: connect it again and allow it\. .*\/connections\/to\/account\?for=/);
    expect(vault.gateway.upstream.requests).toHaveLength(before);
    expect((await call('jan')).result?.isError).toBeUndefined();
    vault.accounts.habits = {};
    await vault.connect('jan');
    expect((await call('jan', 'items_deleteItem')).result?.isError).toBeUndefined();
  });

  it('says which scopes were granted and when it was used', async () => {
      await vault.connect('ivy');
      await call('ivy');
      const [view] = await vault.gateway.app.get(Connections, { strict: false }).list(vault.visitor('ivy'));
      expect(view).toMatchObject({ title: 'The other service', apis: ['items'], state: 'connected', scopes: ['items:read', 'items:write'], lastUsedAt: expect.any(Date) });
    });
  });

  describe('the data keys in memory', () => {
    it('are not those before a rekey, whose reading was under way when it was heard of', async () => {
      const { app } = vault.gateway;
      const [keys, feed, database] = [app.get(DataKeys, { strict: false }), app.get(ChangeFeed, { strict: false }), app.get(TenantDatabase, { strict: false })];
      const { tenant } = vault.visitor('x');
      const hear = async () => {
        await bump(app.get(DataSource, { strict: false }), vaultTopic);
        await feed.refresh();
      };
      await hear();
      let release = () => undefined as void;
      const released = new Promise<void>((resolve) => (release = resolve));
      const read = database.withTenant.bind(database);
      const slow = jest.spyOn(database, 'withTenant').mockImplementationOnce(async (...parameters: Parameters<typeof read>) => {
        const stored = await read(...parameters);
        await released;
        return stored;
      });
      const before = keys.seal(tenant, 'text', []);
      const newest = await keys.renew(tenant);
      await hear();
      release();
      await before;
      slow.mockRestore();
      expect((await keys.seal(tenant, 'text', [])).dataKey).toBe(newest);
    });
  });

  describe('two rekeys of a tenant at once', () => {
    it('both end, and the newer key is the one that stays', async () => {
      const rekeying = vault.gateway.app.get(Rekeying, { strict: false });
      const { tenant } = vault.visitor('x');
      const subjects = Array.from({ length: 20 }, (_, index) => `rekeyed-${index}`);
      for (const subject of subjects) await vault.connect(subject);
      await Promise.all([rekeying.rekey(tenant), rekeying.rekey(tenant)]);
      expect(await rekeying.uses(tenant)).toMatchObject([{ connections: expect.any(Number) }]);
      for (const subject of subjects) expect((await call(subject)).result?.isError).toBeUndefined();
    }, 20_000);
  });

  describe('an authorization', () => {
    const begin = (subject: string, session = 'session') => vault.gateway.app.get(Connections, { strict: false }).begin(vault.visitor(subject), 'account', session, vault.gateway.url);
    const complete = (subject: string, session: string, answer: URLSearchParams, tenant = 'acme', name = 'account') => vault.gateway.app.get(Connections, { strict: false }).complete(vault.visitor(subject, tenant), name, session, answer);

    it('asks for what the standards want', async () => {
      const { searchParams } = await begin('kim');
      expect(Object.fromEntries(searchParams)).toEqual({
        response_type: 'code',
        client_id: 'gatehouse-there',
        redirect_uri: `${vault.gateway.url}/connections/callback/account`,
        state: expect.stringMatching(/^[\w-]{43}$/),
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
        code_challenge_method: 'S256',
        scope: 'items:read items:write',
      });
    });

    it.each([
      ['another user', 'mallory', 'session'],
      ['another session', 'lea', 'other'],
    ])('is not ended by %s, and then by nobody', async (_, subject, session) => {
      const back = await consent(await begin('lea'));
      await expect(complete(subject, session, back.searchParams)).rejects.toMatchObject({ code: 'invalid_state' });
      await expect(complete('lea', 'session', back.searchParams)).rejects.toMatchObject({ code: 'invalid_state' });
    });

    it('is not ended in another tenant, which has no such row', async () => {
      const back = await consent(await begin('lea'));
      await expect(complete('lea', 'session', back.searchParams, 'globex')).rejects.toMatchObject({ code: 'invalid_state' });
      await complete('lea', 'session', back.searchParams);
    });

    it('is not ended at the address of another connection, as an answer of a server that was mixed up would be', async () => {
      const back = await consent(await begin('mix'));
      await expect(complete('mix', 'session', back.searchParams, 'acme', 'another')).rejects.toMatchObject({ code: 'invalid_state' });
    });

    it('is ended once', async () => {
      const back = await consent(await begin('moe'));
      await complete('moe', 'session', back.searchParams);
      await expect(complete('moe', 'session', back.searchParams)).rejects.toMatchObject({ code: 'invalid_state' });
    });

    it('is not ended after ten minutes', async () => {
      const back = await consent(await begin('ned'));
      await rows(`UPDATE authorizations SET expires_at = now() - interval '1 second' WHERE subject = 'ned'`);
      await expect(complete('ned', 'session', back.searchParams)).rejects.toMatchObject({ code: 'invalid_state' });
    });

    it('says so when its user does not consent', async () => {
      vault.accounts.consents = false;
      const back = await consent(await begin('oli'));
      await expect(complete('oli', 'session', back.searchParams)).rejects.toThrow('"The other service" was not connected: access was denied');
    });

    it.each([
      ['of another server (RFC 9207)', (answer: URLSearchParams) => answer.set('iss', 'https://evil.example')],
      ['that names no server although its own does', (answer: URLSearchParams) => answer.delete('iss')],
      ['with two codes', (answer: URLSearchParams) => answer.append('code', 'another')],
      ['with another code', (answer: URLSearchParams) => answer.set('code', 'another')],
    ])('refuses an answer %s', async (_, change) => {
      const back = await consent(await begin('pat'));
      change(back.searchParams);
      await expect(complete('pat', 'session', back.searchParams)).rejects.toMatchObject({ code: 'connection_refused' });
    });
  });
});
