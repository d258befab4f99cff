import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeMcpServer, openEvents, sendEvent, sendJson } from '../tools/fake-mcp-server.js';
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

const resultOf = (id: unknown, text: string) => ({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });

describe('a server that answers another id', () => {
  it('is passed over, and its answer to the one that was asked is taken', async () => {
    server.answer = ({ method, id }, response) => {
      if (method !== 'tools/call') return false;
      openEvents(response);
      for (const foreign of [1, '1', 0, null, `${String(id)} `, ['x']]) sendEvent(response, resultOf(foreign, 'foreign'));
      sendEvent(response, resultOf(id, 'own'));
      response.end();
      return true;
    };
    expect(await textOf(gateway, 'wiki_search', { query: 'x' })).toBe('own');
  });

  it.each(['events', 'json'])('and nothing else is no answer (%s)', async (form) => {
    server.answer = ({ method }, response) => {
      if (method !== 'tools/call') return false;
      if (form === 'json') sendJson(response, resultOf(1, 'foreign'));
      else openEvents(response).end(`data: ${JSON.stringify(resultOf(1, 'foreign'))}\n\n`);
      return true;
    };
    expect(await textOf(gateway, 'wiki_search', { query: 'x' })).toBe('MCP server "wiki" ended its answer without a result');
  });

  it('cannot know the ids of others: each is a random one', async () => {
    server.answer = () => false;
    await Promise.all(Array.from({ length: 20 }, () => textOf(gateway, 'wiki_search', { query: 'x' })));
    const ids = server.messages.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(String(id)))).toBe(true);
  });
});
