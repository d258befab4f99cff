import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      settings['transports'] = { sse: true };
    },
  });
});
afterAll(() => gateway.stop());

async function connect(path = '/sse', claims = {}): Promise<Client> {
  const client = new Client({ name: 'old', version: '1' });
  const authorization = `Bearer ${await gateway.token({ aud: gateway.url + path, ...claims })}`;
  await client.connect(new SSEClientTransport(new URL(gateway.url + path), { requestInit: { headers: { authorization } } }));
  return client;
}

describe('HTTP+SSE of 2024-11-05', () => {
  it.each(['/sse', '/t/acme/sse'])('serves the official old client at %s', async (path) => {
    const client = await connect(path);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('items_getItem');
    gateway.upstream.answerWith(() => ({ body: '{\n  "title": "first"\n}' }));
    expect((await client.callTool({ name: 'items_getItem', arguments: { id: 'a b' } })).structuredContent).toEqual({ title: 'first' });
    expect(gateway.upstream.requests.at(-1)?.path).toBe('/v1/items/a%20b');
    expect(await client.callTool({ name: 'items_getItem', arguments: {} })).toMatchObject({ isError: true });
    await expect(client.callTool({ name: 'items_nothing' })).rejects.toMatchObject({ code: -32602 });
    await client.ping();
    await client.close();
  });

  it('tells a session that the tools have changed', async () => {
    const client = await connect();
    const changed = new Promise<void>((resolve) => {
      client.fallbackNotificationHandler = async ({ method }) => {
        if (method === 'notifications/tools/list_changed') resolve();
      };
    });
    await gateway.apply((settings) => {
      const [api] = settings['apis'] as Settings[];
      api!['overrides'] = { 'GET /items/{id}': { description: 'Another text.' } };
    });
    await expect(changed).resolves.toBeUndefined();
    await client.close();
  });

  it('answers a step-up with 403 at the message itself, and a call it may not do is not done', async () => {
    const client = await connect('/sse', { scope: 'items:read' });
    const before = gateway.upstream.requests.length;
    await expect(client.callTool({ name: 'items_deleteItem', arguments: { id: '1' } })).rejects.toThrow(/403|nsufficient/);
    expect(gateway.upstream.requests).toHaveLength(before);
    await client.close();
  });

  it('is a protected resource of its own, whose metadata clients find by its address', async () => {
    const refused = await fetch(`${gateway.url}/sse`, { headers: { accept: 'text/event-stream' } });
    const metadata = `${gateway.url}/.well-known/oauth-protected-resource/sse`;
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining(`resource_metadata="${metadata}"`)]);
    expect(await (await fetch(metadata)).json()).toMatchObject({ resource: `${gateway.url}/sse`, authorization_servers: [gateway.issuer.url] });
    expect(await (await fetch(metadata.replace('/sse', '/t/acme/sse'))).json()).toMatchObject({ resource: `${gateway.url}/t/acme/sse` });
    for (const aud of [`${gateway.url}/mcp`, `${gateway.url}/t/acme/sse`]) {
      expect((await fetch(`${gateway.url}/sse`, { headers: { accept: 'text/event-stream', authorization: `Bearer ${await gateway.token({ aud })}` } })).status).toBe(401);
    }
  });

  it('is not there unless the configuration has it', async () => {
    await gateway.apply((settings) => {
      settings['transports'] = { sse: false };
    });
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${await gateway.token({ aud: `${gateway.url}/sse` })}` };
    expect((await fetch(`${gateway.url}/sse`, { headers })).status).toBe(404);
    expect((await fetch(`${gateway.url}/messages?sessionId=x`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{}' })).status).toBe(404);
    expect((await fetch(`${gateway.url}/.well-known/oauth-protected-resource/sse`)).status).toBe(404);
    await gateway.apply((settings) => {
      settings['transports'] = { sse: true };
    });
  });
});
