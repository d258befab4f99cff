import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

describe('a call, from a signed-in user to the API', () => {
  it('reaches the API as the user, with a token of the API', async () => {
    gateway.upstream.answerWith(() => ({ body: '{"id":"a 1","big":12345678901234567890}' }));
    const answer = await gateway.call(await gateway.token(), 'items_getItem', { id: 'a 1' });
    expect(answer.result?.content?.[0]?.text).toBe('{"id":"a 1","big":12345678901234567890}');
    const { method, path, headers } = gateway.upstream.last;
    expect([method, path]).toEqual(['GET', '/v1/items/a%201']);
    const token = decodeJwt(String(headers['authorization']).replace('Bearer ', ''));
    expect(token).toMatchObject({ sub: 'alice', aud: 'items-api', act: { sub: 'gatehouse' }, scope: 'items:read items:write' });
  });

  it('leaves the big number of an answer as the API wrote it', async () => {
    const response = await gateway.post(
      { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'items_getItem', arguments: { id: 'x' } } },
      { token: await gateway.token() },
    );
    expect(await response.text()).toContain('"structuredContent":{"id":"a 1","big":12345678901234567890}');
  });

  it('leaves an intent before and an outcome after, with the actor and without a token', async () => {
    const token = await gateway.token({ sub: 'auditor' });
    await gateway.call(token, 'items_getItem', { id: 'seen' });
    const tenant = gateway.app.get(TenantRegistry).find('acme')!;
    const rows = (await readAudit(gateway.app.get(TenantDatabase), tenant, { limit: 100 })).filter(({ subject }) => subject === 'auditor');
    expect(rows.map(({ kind, result, upstreamStatus, actor }) => [kind, result, upstreamStatus, actor])).toEqual(
      expect.arrayContaining([
        ['intent', null, null, null],
        ['outcome', 'success', 200, 'gatehouse'],
      ]),
    );
    expect(JSON.stringify(rows)).not.toContain(token.slice(0, 20));
  });

  it('exchanges once for many calls', async () => {
    const token = await gateway.token({ sub: 'busy' });
    const before = gateway.issuer.tokenRequests.length;
    await Promise.all(Array.from({ length: 20 }, (_, id) => gateway.call(token, 'items_getItem', { id: `n${id}` }, id)));
    expect(gateway.issuer.tokenRequests.length - before).toBe(1);
  });

  it('tells a model which argument to mend, and calls nothing', async () => {
    const before = gateway.upstream.requests.length;
    const answer = await gateway.call(await gateway.token(), 'items_createItem', { titel: 'x' });
    expect(answer.result?.isError).toBe(true);
    expect(answer.result?.content?.[0]?.text).toMatch(/title|titel/);
    expect(gateway.upstream.requests).toHaveLength(before);
  });

  it('lists tools with their schemas, one page, the same each time', async () => {
    const token = await gateway.token();
    const list = async () => (await (await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token })).json()) as { result: { tools: { name: string }[] } };
    const first = await list();
    expect(first.result.tools.map(({ name }) => name)).toEqual(['items_getItem', 'items_deleteItem', 'items_listItems', 'items_createItem']);
    expect(await list()).toEqual(first);
  });
});
