import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Events } from '../tools/events.js';
import { startFederation, textOf, toolsOf } from '../tools/federation.js';
import type { TestGateway } from '../tools/gateway.js';
import { startLegacySdkServer, startModernSdkServer, type SdkMcpServer } from '../tools/sdk-mcp-servers.js';

describe.each([
  ['2, of both eras', () => startModernSdkServer('stateless'), ['server/discover']],
  ['2, of the modern era only', () => startModernSdkServer('reject'), ['server/discover']],
  ['1, with sessions', startLegacySdkServer, ['initialize', 'notifications/initialized']],
])('a server by version %s of the SDK', (_, start, greeting) => {
  let server: SdkMcpServer;
  let gateway: TestGateway;

  beforeAll(async () => {
    server = await start();
    gateway = await startFederation({ sdk: server });
  });
  afterAll(async () => {
    await gateway.stop();
    await server.stop();
  });

  it('is read, and called as each user', async () => {
    expect((await toolsOf(gateway)).find(({ name }) => name === 'sdk_add')).toMatchObject({ description: 'Adds.', inputSchema: { type: 'object', properties: { a: { type: 'number' } } }, outputSchema: { type: 'object' } });
    for (const sub of ['alice', 'bob']) {
      const { result } = await gateway.call(await gateway.token({ sub }), 'sdk_add', { a: 1, b: 2 });
      expect(result).toMatchObject({ content: [{ type: 'text', text: '3' }], structuredContent: { sum: 3, by: sub } });
    }
    for (const method of greeting) expect(server.methods).toContain(method);
  });

  it('relays progress and errors', async () => {
    const request = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'sdk_add', arguments: { a: 1, b: 2 }, _meta: { progressToken: 7 } } };
    const events = new Events(await gateway.post(request, { token: await gateway.token() }));
    expect([await events.next(), await events.next()]).toMatchObject([{ method: 'notifications/progress', params: { progressToken: 7, progress: 1, total: 1 } }, { result: { structuredContent: { sum: 3 } } }]);
    expect(await textOf(gateway, 'sdk_fails', {})).toBe('it is broken');
  });
});
