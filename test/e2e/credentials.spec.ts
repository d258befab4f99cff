import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { LiveConfiguration } from '../../src/config/live-configuration.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { GATEWAY_SECRET, itemsDocument, startGateway, type TestGateway } from '../tools/gateway.js';

const key = 'env:GATEHOUSE_SECRET';
const exchange = { type: 'token-exchange', provider: 'corp', clientId: 'gatehouse', clientSecret: key, audience: 'items-api' };
const service = { type: 'client-credentials', provider: 'corp', clientId: 'robot', clientSecret: key, scope: 'items:read items:write', audience: 'items-api' };
/** By the name of an API. */
const chains: Readonly<Record<string, readonly object[]>> = {
  items: [{ ...exchange, when: 'user' }, { ...service, when: 'machine' }],
  header: [{ type: 'api-key', in: 'header', name: 'X-Api-Key', prefix: 'Token ', value: key }],
  query: [{ type: 'api-key', in: 'query', name: 'key', value: key }],
  cookie: [{ type: 'api-key', in: 'cookie', name: 'sid', value: key }],
  people: [{ ...exchange, when: 'user' }],
  bearer: [{ type: 'jwt-bearer', provider: 'corp', clientId: 'gatehouse', clientSecret: key, audience: 'items-api' }],
};

const withReplace = { ...itemsDocument, paths: { ...itemsDocument.paths, '/items/{id}': { ...itemsDocument.paths['/items/{id}'], put: { ...itemsDocument.paths['/items/{id}'].get, operationId: 'replaceItem' } } } };
let gateway: TestGateway;
let count = 0;

beforeAll(async () => {
  gateway = await startGateway({
    document: withReplace,
    change: (settings) => {
      const [api] = settings['apis'] as object[];
      settings['apis'] = Object.entries(chains).map(([name, credentials]) => ({ ...api, name, credentials }));
    },
  });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.upstream.requests.length = 0;
  gateway.upstream.answerWith(() => ({}));
});

/** Somebody new, so that no cached token helps. */
const user = () => gateway.token({ sub: `user-${count++}` });
const machine = () => gateway.token({ sub: 'agent', client_id: 'agent' });
const audited = async (subject: string) => {
  const rows = await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 1_000 });
  return rows.filter((row) => row.subject === subject && row.kind === 'outcome');
};

describe('an API with a key', () => {
  it.each([
    ['header', 'x-api-key', `Token ${GATEWAY_SECRET}`],
    ['cookie', 'cookie', `sid=${GATEWAY_SECRET}`],
  ])('gets it in the %s', async (api, name, value) => {
    await gateway.call(await user(), `${api}_getItem`, { id: 'x' });
    expect(gateway.upstream.last.headers[name]).toBe(value);
    expect(gateway.upstream.last.headers['authorization']).toBeUndefined();
  });

  it('gets it in the query, beside the arguments', async () => {
    await gateway.call(await user(), 'query_listItems', { kind: 'a b' });
    expect(gateway.upstream.last.query).toBe(`kind=a%20b&key=${GATEWAY_SECRET}`);
  });

  it('shows it to nobody when the API fails, and to no audit record', async () => {
    const subject = 'key-auditor';
    for (const status of [401, 500]) {
      gateway.upstream.answerWith(() => ({ status }));
      for (const api of ['header', 'query', 'cookie']) {
        const answer = await gateway.call(await gateway.token({ sub: subject }), `${api}_getItem`, { id: 'x' });
        expect(JSON.stringify(answer)).not.toContain(GATEWAY_SECRET);
      }
    }
    const rows = await audited(subject);
    expect(new Set(rows.map(({ actor }) => actor))).toEqual(new Set(['api-key:X-Api-Key', 'api-key:key', 'api-key:sid']));
    expect(JSON.stringify(rows)).not.toContain(GATEWAY_SECRET);
  });

  it('is not called twice with it after a 401', async () => {
    gateway.upstream.answerWith(() => ({ status: 401 }));
    await gateway.call(await user(), 'header_getItem', { id: 'x' });
    expect(gateway.upstream.requests).toHaveLength(1);
  });
});

describe('a machine', () => {
  it('is served by the branch for machines, and the audit tells the service from who acts for a user', async () => {
    expect((await gateway.call(await machine(), 'items_getItem', { id: 'x' })).result?.isError ?? false).toBe(false);
    expect((await gateway.call(await gateway.token({ sub: 'person' }), 'items_getItem', { id: 'x' })).result?.isError ?? false).toBe(false);
    const [robot, person] = [await audited('agent'), await audited('person')];
    expect(robot.map(({ actor, scopes }) => [actor, scopes])).toEqual([['client-credentials:robot', ['items:read', 'items:write']]]);
    expect(person.map(({ actor }) => actor)).toEqual(['gatehouse']);
  });

  it.each([
    ['people', 'API "people" declares no credential for a machine'],
    ['bearer', 'acts for users, and you are a machine'],
  ])('is refused in clear words where the chain of API "%s" is not for it, and nobody is asked', async (api, reason) => {
    const before = gateway.issuer.tokenRequests.length;
    const { result } = await gateway.call(await machine(), `${api}_getItem`, { id: 'x' });
    expect(result?.isError).toBe(true);
    expect(result?.content?.[0]?.text).toContain(reason);
    expect([gateway.issuer.tokenRequests.length, gateway.upstream.requests.length]).toEqual([before, 0]);
  });
});

describe('a user whose exchange fails', () => {
  it('does not fall to the identity of a service', async () => {
    gateway.issuer.fixed.set('/token', { status: 400, body: '{"error":"invalid_grant"}' });
    const { result } = await gateway.call(await user(), 'items_getItem', { id: 'x' });
    gateway.issuer.fixed.clear();
    expect(result?.isError).toBe(true);
    expect(gateway.upstream.requests).toHaveLength(0);
  });
});

describe('an API that answers 401 to an exchanged token', () => {
  /** Calls once with a token that the API refuses `times`; how often both sides were asked, and the outcome. */
  async function callRefused(tool: string, args: object, times: number, headers: Record<string, string> = {}) {
    const token = await user();
    await gateway.call(token, 'items_getItem', { id: 'warm' });
    gateway.upstream.requests.length = 0;
    let refusals = times;
    gateway.upstream.answerWith(() => (refusals-- > 0 ? { status: 401, headers } : {}));
    const exchanges = gateway.issuer.tokenRequests.length;
    const answer = await gateway.call(token, tool, args);
    return { token, answer, calls: gateway.upstream.requests.length, exchanges: gateway.issuer.tokenRequests.length - exchanges };
  }

  it.each([
    ['items_getItem', { id: 'x' }],
    ['items_replaceItem', { id: 'x' }],
    ['items_deleteItem', { id: 'x' }],
  ])('is called once more with another token where that does no more: %s', async (tool, args) => {
    const { answer, calls, exchanges } = await callRefused(tool, args, 1);
    expect([calls, exchanges]).toEqual([2, 1]);
    expect(answer.result?.isError ?? false).toBe(false);
    const [first, second] = gateway.upstream.requests.map(({ headers }) => headers['authorization']);
    expect(first).not.toBe(second);
  });

  it('is never called a second time for what is not idempotent; the next call has another token', async () => {
    const { token, answer, calls, exchanges } = await callRefused('items_createItem', { title: 'new' }, 1);
    expect([calls, exchanges]).toEqual([1, 0]);
    expect(answer.result?.isError).toBe(true);
    const before = gateway.issuer.tokenRequests.length;
    await gateway.call(token, 'items_createItem', { title: 'new' });
    expect(gateway.issuer.tokenRequests.length - before).toBe(1);
  });

  it('is called twice at most', async () => {
    const { answer, calls, exchanges } = await callRefused('items_getItem', { id: 'x' }, 9);
    expect([calls, exchanges]).toEqual([2, 1]);
    expect(answer.result?.isError).toBe(true);
  });

  it('is not called again where the user has to sign in anew', async () => {
    const { calls, exchanges } = await callRefused('items_getItem', { id: 'x' }, 9, { 'www-authenticate': 'Bearer error="insufficient_claims", claims="e30="' });
    expect([calls, exchanges]).toEqual([1, 0]);
  });
});

describe('a provider that is changed while the APIs stay as they are', () => {
  it('is asked as it is now', async () => {
    await gateway.call(await user(), 'people_getItem', { id: 'x' });
    const live = gateway.app.get(LiveConfiguration, { strict: false });
    const { revision } = live.current;
    await gateway.apply(({ providers }) => Object.assign((providers as { corp: object }).corp, { tokenEndpoint: `${gateway.issuer.url}/elsewhere` }));
    while (live.current.revision === revision) await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await gateway.call(await user(), 'people_getItem', { id: 'x' })).result?.isError).toBe(true);
    expect(gateway.issuer.requests.at(-1)?.path).toBe('/elsewhere');
  });
});
