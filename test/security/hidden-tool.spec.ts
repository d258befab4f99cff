import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      // acme's own API is foreign to globex; `admin` reserves one operation of it.
      const apis = settings['apis'] as Record<string, unknown>[];
      apis.push({ ...apis[0], name: 'foreign', tenant: 'acme' });
      settings['policy'] = { roles: { admin: ['items.deleteItem'] } };
      (settings['providers'] as Record<string, Record<string, unknown>>)['corp']!['roles'] = { claim: 'groups' };
    },
  });
});
afterAll(() => gateway.stop());

/** Security attack 15. */
describe('a tool that is hidden, foreign or unknown', () => {
  it('is one and the same not-found error, and each denial is on record', async () => {
    const token = await gateway.token({ sub: 'mallory', tenant: 'globex' });
    const names = ['items_deleteItem', 'foreign_getItem', 'items_nothing', '__proto__', 'constructor', ''];
    const answers = await Promise.all(names.map((name) => gateway.call(token, name, { id: 'x' }, 9)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toEqual({ jsonrpc: '2.0', id: 9, error: { code: -32602, message: 'there is no such tool' } });
    expect(gateway.upstream.requests).toHaveLength(0);
    const tenant = gateway.app.get(TenantRegistry).find('globex')!;
    const rows = await readAudit(gateway.app.get(TenantDatabase), tenant, { limit: 100 });
    expect(rows.filter(({ kind, decision }) => kind === 'refused' && decision === 'unknown_entry').map(({ tool }) => tool).toSorted()).toEqual(names.toSorted());
  });

  it('is in no list', async () => {
    const list = async (claims: object) => {
      const response = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token: await gateway.token({ tenant: 'globex', ...claims }) });
      const { result } = (await response.json()) as { result: { tools: { name: string }[] } };
      return result.tools.map(({ name }) => name);
    };
    expect(await list({})).toEqual(['items_getItem', 'items_listItems', 'items_createItem']);
    expect(await list({ groups: ['admin'] })).toEqual(['items_getItem', 'items_deleteItem', 'items_listItems', 'items_createItem']);
  });

  it('is a tool again for the role that it is reserved for', async () => {
    const answer = await gateway.call(await gateway.token({ groups: ['admin'] }), 'items_deleteItem', { id: 'x' });
    expect(answer.result?.isError ?? false).toBe(false);
  });
});
