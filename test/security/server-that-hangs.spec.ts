import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { FakeMcpServer, openEvents } from '../tools/fake-mcp-server.js';
import { startFederation, textOf } from '../tools/federation.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';
import { serverSettings } from '../tools/federation.js';

let gateway: TestGateway;
let server: FakeMcpServer;

beforeAll(async () => {
  server = await FakeMcpServer.start();
  gateway = await startFederation({ wiki: server }, { timeout: '500ms' });
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});

const outcomes = async () => (await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 1_000 })).filter(({ kind, tool }) => kind === 'outcome' && tool === 'wiki_search').map(({ result }) => result);

describe('a server that does not answer', () => {
  it.each([
    ['at all', () => true],
    ['after its head', (response: Parameters<FakeMcpServer['answer']>[1]) => (openEvents(response).flushHeaders(), true)],
    ['but with comments', (response: Parameters<FakeMcpServer['answer']>[1]) => {
      const timer = setInterval(() => response.write(': still here\n\n'), 20);
      response.on('close', () => clearInterval(timer));
      openEvents(response);
      return true;
    }],
  ])('%s is given up at the deadline, and nobody says whether it did what was asked', async (_, hang) => {
    server.answer = ({ method }, response) => method === 'tools/call' && hang(response);
    const before = (await outcomes()).length;
    const startedAt = performance.now();
    expect(await textOf(gateway, 'wiki_search', { query: 'x' })).toBe('MCP server "wiki" did not answer within 0.5 s');
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect((await outcomes()).slice(before)).toEqual(['unknown']);
    server.answer = () => false;
  });

  it('while a gateway starts does not keep it from starting, or from serving the others', async () => {
    const silent = await FakeMcpServer.start();
    silent.answer = () => true;
    const started = await startGateway({
      tenants: ['acme'],
      change: (settings: Settings) => {
        settings['servers'] = [serverSettings('silent', silent.url)];
        (settings['egress'] as { allow: string[] }).allow.push(silent.host);
      },
    });
    const response = await started.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token: await started.token() });
    expect(JSON.stringify(await response.json())).toContain('items_getItem');
    const startedAt = performance.now();
    await started.stop();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await silent.stop();
  });
});
