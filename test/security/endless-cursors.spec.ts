import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeMcpServer, searchTool, sendJson } from '../tools/fake-mcp-server.js';
import { namesOf, readServersAgain, startFederation, storedDefinitions } from '../tools/federation.js';
import type { TestGateway } from '../tools/gateway.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';

let gateway: TestGateway;
let server: FakeMcpServer;

beforeEach(async () => {
  server = await FakeMcpServer.start();
  gateway = await startFederation({ wiki: server });
});
afterEach(async () => {
  await gateway.stop();
  await server.stop();
});

const list = (page: (cursor: unknown) => object): void => {
  server.answer = ({ method, id, params }, response) => method === 'tools/list' && (sendJson(response, { jsonrpc: '2.0', id, result: page(params['cursor']) }), true);
};

/** Why the definitions could not be read the last time. */
async function failure(): Promise<string> {
  const rows = await gateway.app.get(TenantDatabase).withTenant(gateway.app.get(TenantRegistry).find('acme')!, (manager) => manager.query<{ failure: string }[]>(`SELECT failure FROM api_sources WHERE api = 'wiki'`));
  return rows[0]?.failure ?? '';
}

describe('a list without an end', () => {
  const endless: readonly (readonly [string, (cursor: unknown) => object, RegExp])[] = [
    ['a cursor that repeats', () => ({ tools: [], nextCursor: 'again' }), /nextCursor repeats, so that the list has no end/],
    ['cursors that go on for ever', (cursor) => ({ tools: [], nextCursor: String(Number(cursor ?? 0) + 1) }), /the list has more than 100 pages/],
    ['pages full of tools', (cursor) => ({ tools: Array.from({ length: 500 }, (_, n) => ({ ...searchTool, name: `t${String(cursor ?? 0)}_${n}` })), nextCursor: String(Number(cursor ?? 0) + 1) }), /there are more than 5000 tools/],
    ['large pages', (cursor) => ({ tools: Array.from({ length: 10 }, (_, n) => ({ ...searchTool, name: `t${String(cursor ?? 0)}_${n}`, description: 'x'.repeat(100_000) })), nextCursor: String(Number(cursor ?? 0) + 1) }), /more than 8388608 characters/],
    ['a cursor that is none', () => ({ tools: [], nextCursor: { a: 1 } }), /nextCursor is no text/],
  ];

  it.each(endless)('%s: refused with the reason, and what was approved serves on', async (_, page, reason) => {
    list(page);
    await readServersAgain(gateway);
    expect(await failure()).toMatch(reason);
    expect(server.of('tools/list').length).toBeLessThan(110);
    expect(await storedDefinitions(gateway, 'wiki')).toHaveLength(1);
    expect(await namesOf(gateway)).toContain('wiki_search');
  });

  it.each([
    ['no tools at all', {}, 'the answer has no tools'],
    ['a tool that is large', { tools: [{ ...searchTool, description: 'x'.repeat(200_000) }] }, 'has more than 131072 characters'],
    ['a tool that is none', { tools: [{ name: 5 }] }, 'tools.0.name'],
    ['a schema that is deep', { tools: [{ ...searchTool, inputSchema: JSON.parse(`${'{"a":'.repeat(90)}1${'}'.repeat(90)}`) }] }, 'nested deeper than 64 levels'],
  ])('%s is refused as well', async (_, result, reason) => {
    list(() => result);
    await readServersAgain(gateway);
    expect(await failure()).toContain(reason);
  });

  it('of three pages is read whole', async () => {
    list((cursor) => ({ tools: [{ ...searchTool, name: `t${String(cursor ?? 1)}` }], ...(cursor === '3' ? {} : { nextCursor: String(Number(cursor ?? 1) + 1) }) }));
    await gateway.apply((settings) => void Object.assign((settings['servers'] as object[])[0]!, { approval: 'auto' }));
    await readServersAgain(gateway);
    expect(await namesOf(gateway)).toEqual(expect.arrayContaining(['wiki_t1', 'wiki_t2', 'wiki_t3']));
  });
});
