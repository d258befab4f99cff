import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { ToolViews } from '../../src/policy/tool-views.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { Catalogs } from '../../src/catalog/catalogs.js';
import { testCaller } from '../tools/caller.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';
import { largeDocument } from '../tools/large-document.js';
import { sendModern } from '../tools/mcp-messages.js';

let gateway: TestGateway;
/** What roles hide in acme and what globex does not have at all. */
const hidden = ['items.readRefund*', 'items.readVehicle3'];

beforeAll(async () => {
  gateway = await startGateway({
    document: largeDocument(80),
    change: (settings) => {
      const apis = settings['apis'] as Record<string, unknown>[];
      const nouns = ['Invoice*', 'Customer*', 'Shipment*', 'Warehouse*', 'Supplier*', 'Contract*', 'Employee*', 'Ticket*', ...[0, 1, 2, 4, 5, 6, 7].map((kind) => `Vehicle${kind}`)];
      apis[1]!['include'] = [...nouns.map((noun) => `items.read${noun}`), 'items.*Item*'];
      apis.push({ ...apis[0], name: 'foreign', tenant: 'globex', include: ['foreign.getItem'] });
      settings['policy'] = { roles: { admin: hidden } };
      (settings['providers'] as Record<string, Record<string, unknown>>)['corp']!['roles'] = { claim: 'groups' };
    },
  });
});
afterAll(() => gateway.stop());

const queries = ['read one refund', 'refund state history', 'vehicle 3', 'the ticket', 'get item id', 'version', 'x'];

/** Security attack 15, through the tools of the search. */
describe('a hidden tool', () => {
  it('is called by call_tool and shown by describe_tool as little as one that there is not: one error, on record', async () => {
    const token = await gateway.token({ sub: 'mallory' });
    const names = ['items_readRefund1', 'items_readVehicle3', 'foreign_getItem', 'items_nothing', '__proto__', 'constructor', ''];
    const direct = await sendModern(gateway, 'tools/call', { name: 'items_readRefund1', arguments: { id: 1 } }, { token });
    for (const name of names) {
      for (const [tool, args] of [['call_tool', { name, arguments: { id: 1 } }], ['describe_tool', { name }]] as const) {
        const { status, error } = await sendModern(gateway, 'tools/call', { name: tool, arguments: args }, { token });
        expect([status, error]).toEqual([200, direct.error]);
      }
    }
    expect(direct.error).toEqual({ code: -32602, message: 'there is no such tool' });
    expect(gateway.upstream.requests).toHaveLength(0);
    const rows = await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 100 });
    expect(rows.filter(({ decision, subject }) => decision === 'unknown_entry' && subject === 'mallory').map(({ tool }) => tool).toSorted()).toEqual([...names, ...names, 'items_readRefund1'].toSorted());
  });

  it('is there for whom it is not hidden from', async () => {
    const token = await gateway.token({ sub: 'root', groups: ['admin'] });
    const search = await sendModern(gateway, 'tools/call', { name: 'search_tools', arguments: { query: 'refund', limit: 50 } }, { token });
    expect(search.result.content[0]?.text.match(/items_readRefund/g)).toHaveLength(8);
    const call = await sendModern(gateway, 'tools/call', { name: 'call_tool', arguments: { name: 'items_readRefund1', arguments: { id: 1 } } }, { token });
    expect(call.result.isError).toBeFalsy();
  });

  it('changes neither results nor scores of a search: they are those of a tenant that does not have it', async () => {
    // foreign_getItem is one more: without it both tenants' views are the same.
    await gateway.apply((settings) => (settings['apis'] as unknown[]).pop());
    const views = gateway.app.get(ToolViews, { strict: false });
    const searchIn = async (name: string, roles: readonly string[] = []) => {
      const tenant = gateway.app.get(TenantRegistry).find(name)!;
      await gateway.app.get(Catalogs, { strict: false }).newestOf(tenant);
      const view = await views.viewOf({ caller: testCaller({ roles: new Set(roles), tenant: name }), tenant, toolset: undefined });
      return Promise.all(queries.map(async (query) => (await view.search(query, 50)).map(({ entry, score }) => [entry.name, score])));
    };
    const acme = await searchIn('acme');
    expect(acme).toEqual(await searchIn('globex'));
    expect(acme.flat(2).filter((part) => /Refund|Vehicle3/.test(String(part)))).toEqual([]);
    // And the tools do change the scores of those who see them, so this can fail.
    expect(await searchIn('acme', ['admin'])).not.toEqual(acme);
    for (const query of queries) {
      const [one, other] = await Promise.all(['acme', 'globex'].map(async (tenant) => sendModern(gateway, 'tools/call', { name: 'search_tools', arguments: { query } }, { token: await gateway.token({ tenant }) })));
      expect(one!.result).toEqual(other!.result);
    }
  });
});
