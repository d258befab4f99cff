import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeMcpServer, openEvents } from '../tools/fake-mcp-server.js';
import { startFederation, textOf } from '../tools/federation.js';
import type { TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let server: FakeMcpServer;

beforeAll(async () => {
  server = await FakeMcpServer.start();
  gateway = await startFederation({ wiki: server });
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});

/** Serves a million events in portions, as fast as they are taken. */
function flood(event: (token: unknown) => object): () => number {
  let sent = 0;
  server.answer = async ({ method, params }, response) => {
    if (method !== 'tools/call') return false;
    const portion = `data: ${JSON.stringify(event((params['_meta'] as { progressToken?: unknown }).progressToken))}\n\n`.repeat(1_000);
    openEvents(response).setMaxListeners(0);
    for (; sent < 1_000_000 && !response.destroyed; sent += 1_000) if (!response.write(portion)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    response.end();
    return true;
  };
  return () => sent;
}

describe('a million notifications before an answer', () => {
  it.each([
    ['progress', (progressToken: unknown) => ({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: 1 } })],
    ['log entries', () => ({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x'.repeat(100) } })],
    ['answers to others', () => ({ jsonrpc: '2.0', id: 1, result: {} })],
  ])('of %s are cut off, and nobody waits for it', async (_, event) => {
    const sent = flood(event);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const request = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'wiki_search', arguments: { query: 'x' }, _meta: { progressToken: 1 } } };
    const text = await (await gateway.post(request, { token: await gateway.token() })).text();
    delay.disable();
    expect(text).toContain('MCP server \\"wiki\\" sent more than 10000 messages before its answer');
    expect(sent()).toBeLessThan(200_000);
    // Both sides, and the client, are in this process.
    expect(delay.max / 1e6).toBeLessThan(500);
    server.answer = () => false;
    expect(await textOf(gateway, 'wiki_search', { query: 'x' })).toBe('hello alice');
  });

  it('without an end of line, or of an event, end at the bytes that are read', async () => {
    server.answer = async ({ method }, response) => {
      if (method !== 'tools/call') return false;
      openEvents(response);
      for (let sent = 0; sent < 20 && !response.destroyed; sent += 1) if (!response.write('data: '.padEnd(1024 * 1024, 'x'))) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      response.end();
      return true;
    };
    expect(await textOf(gateway, 'wiki_search', { query: 'x' })).toMatch(/answered with more than 10485760 bytes/);
    server.answer = () => false;
  });
});
