import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { Catalogs } from '../../src/catalog/catalogs.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { Events } from '../tools/events.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';
import { modernRequest } from '../tools/modern.js';

let gateway: TestGateway;
const open: Events[] = [];

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      (settings['limits'] as Settings)['streams'] = { perCaller: 3 };
      (settings['providers'] as Record<string, Settings>)['corp']!['roles'] = { claim: 'groups' };
    },
  });
});
afterAll(() => gateway.stop());
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(open.splice(0).map((events) => events.close()));
});

const follow = (response: Response): Events => {
  const events = new Events(response);
  open.push(events);
  return events;
};
const getStream = async (claims = {}, url = gateway.url, path = '/mcp') =>
  fetch(url + path, { headers: { accept: 'text/event-stream', authorization: `Bearer ${await gateway.token(claims)}`, 'mcp-protocol-version': '2025-11-25' } });
const listen = async (id: string | number, notifications: unknown, claims = {}) => {
  const { body, headers } = modernRequest(id, 'subscriptions/listen', { notifications });
  return gateway.post(body, { token: await gateway.token(claims), headers });
};

let names = 0;
/** Gives one tenant's API other tools. */
const changeTools = (tenant = 'acme') =>
  gateway.apply((settings) => {
    const api = (settings['apis'] as Settings[]).find((candidate) => candidate['tenant'] === tenant);
    api!['overrides'] = { 'GET /items/{id}': { description: `Changed ${names++}.` } };
  });
const CHANGED = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };

describe('a change of the tools', () => {
  it('is told within 5 s to legacy and modern listeners, of any replica, and to nobody of another tenant', async () => {
    const replica = await gateway.replica();
    try {
      const legacy = follow(await getStream());
      const other = follow(await getStream({}, replica.url));
      const modern = follow(await listen('sub-1', { toolsListChanged: true, promptsListChanged: true }, { sub: 'bob' }));
      const foreign = follow(await getStream({ tenant: 'globex' }));
      expect(await modern.next()).toEqual({ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params: { notifications: { toolsListChanged: true }, _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub-1' } } });
      await changeTools();
      expect(await legacy.next()).toEqual(CHANGED);
      expect(await other.next()).toEqual(CHANGED);
      expect(await modern.next()).toEqual({ ...CHANGED, params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub-1' } } });
      expect(await foreign.next(500)).toBeUndefined();
      await changeTools('globex');
      expect(await foreign.next()).toEqual(CHANGED);
      expect(await legacy.next(500)).toBeUndefined();
    } finally {
      await replica.stop();
    }
  });

  it('is not told to whom it does not concern', async () => {
    await gateway.apply((settings) => {
      settings['policy'] = { roles: { admin: ['items.*'] } };
    });
    const admin = follow(await getStream({ groups: ['admin'] }));
    const other = follow(await getStream({ sub: 'bob' }));
    await changeTools();
    expect(await admin.next()).toEqual(CHANGED);
    // A revision that changes something else.
    await gateway.apply((settings) => {
      (settings['limits'] as Settings)['perCaller'] = { requests: 99_999, window: '1m' };
    });
    expect([await admin.next(500), await other.next(100)]).toEqual([undefined, undefined]);
    // What they may see changes with the policy alone.
    await gateway.apply((settings) => {
      settings['policy'] = { roles: {} };
    });
    expect(await other.next()).toEqual(CHANGED);
    expect(await admin.next(500)).toBeUndefined();
  });
});

describe('a change that cannot be told at once', () => {
  /** Loads of the tenant's newest catalog go on as this says. */
  const delayLoads = (name: string, delay: () => Promise<void>) => {
    const catalogs = gateway.app.get(Catalogs, { strict: false });
    const load = catalogs.newestOf.bind(catalogs);
    jest.spyOn(catalogs, 'newestOf').mockImplementation(async (tenant) => {
      if (tenant.name === name) await delay();
      return load(tenant);
    });
  };

  it('is told once it can be', async () => {
    const listener = follow(await getStream());
    await gateway.call(await gateway.token(), 'items_getItem', { id: '1' });
    let isBroken = true;
    delayLoads('acme', async () => {
      if (isBroken) throw new Error('the database is away');
    });
    await changeTools();
    expect(await listener.next(500)).toBeUndefined();
    isBroken = false;
    // At the stream's next beat.
    expect(await listener.next(20_000)).toEqual(CHANGED);
  }, 30_000);

  it('keeps no other tenant waiting', async () => {
    const slow = follow(await getStream({ tenant: 'globex' }));
    const other = follow(await getStream());
    await Promise.all(['acme', 'globex'].map(async (tenant) => gateway.call(await gateway.token({ tenant }), 'items_getItem', { id: '1' })));
    const released = Promise.withResolvers<void>();
    delayLoads('globex', () => released.promise);
    await changeTools('globex');
    await changeTools();
    expect(await other.next()).toEqual(CHANGED);
    expect(await slow.next(100)).toBeUndefined();
    released.resolve();
    expect(await slow.next()).toEqual(CHANGED);
  });

  it('is told to a listener that came while the newest catalog was loading', async () => {
    await gateway.call(await gateway.token(), 'items_getItem', { id: '1' });
    const released = Promise.withResolvers<void>();
    delayLoads('acme', () => released.promise);
    await changeTools();
    const listener = follow(await getStream());
    expect(await listener.next(300)).toBeUndefined();
    released.resolve();
    expect(await listener.next()).toEqual(CHANGED);
  });
});

describe('a stream', () => {
  it('ends once its tenant is suspended, and says so to a modern listener', async () => {
    const legacy = follow(await getStream({ tenant: 'globex' }));
    const modern = follow(await listen(7, { toolsListChanged: true }, { tenant: 'globex' }));
    await modern.next();
    const state = (value: string) =>
      gateway.apply((settings) => {
        (settings['tenants'] as Record<string, Settings>)['globex']!['state'] = value;
      });
    await state('suspended');
    expect(await legacy.ends()).toBe(true);
    expect(await modern.next()).toMatchObject({ id: 7, result: { resultType: 'complete', _meta: { 'io.modelcontextprotocol/subscriptionId': 7 } } });
    expect(await modern.ends()).toBe(true);
    await state('active');
  });

  it('of a toolset ends once its caller may not use the toolset any more', async () => {
    const toolset = (scopes: string[]) => gateway.apply((settings) => (settings['toolsets'] = [{ name: 'reading', tenant: 'acme', include: ['items.get*'], scopes }]));
    await toolset([]);
    const path = '/mcp/sets/reading';
    const [without, withIt] = [follow(await getStream({ aud: gateway.url + path }, gateway.url, path)), follow(await getStream({ aud: gateway.url + path, scope: 'items:read desk' }, gateway.url, path))];
    await toolset(['desk']);
    expect(await without.ends()).toBe(true);
    expect(await withIt.ends(300)).toBe(false);
  });

  it('of a listener that asks for nothing we have ends at once, acknowledged', async () => {
    const events = follow(await listen(1, { promptsListChanged: true, resourceSubscriptions: ['x://y'] }));
    expect(await events.next()).toMatchObject({ method: 'notifications/subscriptions/acknowledged', params: { notifications: {} } });
    expect(await events.next()).toMatchObject({ id: 1, result: { resultType: 'complete' } });
    expect(await events.ends()).toBe(true);
  });

  it.each([[undefined], [true], [{ toolsListChanged: 'yes' }], [{ resourceSubscriptions: 'x' }]])('is not opened for a filter that is none: %j', async (notifications) => {
    const response = await listen(1, notifications);
    expect([response.status, await response.json()]).toEqual([200, { jsonrpc: '2.0', id: 1, error: { code: -32602, message: expect.stringContaining('needs notifications') } }]);
  });

  it('is refused to a caller who has as many as it may, on record; others have theirs', async () => {
    for (let count = 0; count < 3; count += 1) follow(await getStream({ sub: 'many' }));
    const refused = await getStream({ sub: 'many' });
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([429, '60', { error: 'too_many_streams', error_description: 'you have 3 open streams, and may have no more' }]);
    follow(await getStream({ sub: 'few' }));
    follow(await getStream({ sub: 'many', tenant: 'globex' }));
    const rows = await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 1_000 });
    expect(rows.filter(({ decision, subject }) => decision === 'too_many_streams' && subject === 'many')).toHaveLength(1);
    // One that is closed makes room.
    await open.shift()?.close();
    for (let left = 50; left > 0; left -= 1) {
      const response = await getStream({ sub: 'many' });
      if (response.status === 200) return void follow(response);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('the closed stream kept its place');
  });

  it('holds up no shutdown, and a modern listener is told of it', async () => {
    const replica = await gateway.replica();
    const legacy = follow(await getStream({ sub: 'last' }, replica.url));
    const { body, headers } = modernRequest('m', 'subscriptions/listen', { notifications: { toolsListChanged: true } });
    const modern = follow(await fetch(`${replica.url}/mcp`, { method: 'POST', body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${await gateway.token()}` } }));
    await modern.next();
    const startedAt = Date.now();
    await replica.stop();
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(await modern.next()).toMatchObject({ id: 'm', result: { resultType: 'complete' } });
    expect(await legacy.ends()).toBe(true);
  });
});
