import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { Client, StreamableHTTPClientTransport, UnauthorizedError, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { UnauthorizedError as UnauthorizedErrorV1 } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { HeadlessProvider } from '../../demo/login/headless.provider.js';
import { stop, TestDemo } from './running-demo.js';

let demo: TestDemo;
let running: ChildProcess | undefined;

beforeAll(async () => {
  demo = await TestDemo.prepare();
  running = await demo.serve();
}, 120_000);
afterAll(async () => {
  await stop(running);
  demo.remove();
}, 60_000);

const tools = ['orders_whoAmI', 'orders_listOrders', 'orders_getOrder', 'orders_createOrder'];
const seenByApi = { sub: 'alice', tenant: 'acme', aud: 'orders', act: { sub: 'gatehouse' } };

/** Only the URL is configured: everything else the client finds and registers. */
describe('a client that knows nothing but the URL', () => {
  it('of the SDK v1 discovers, signs in, lists and calls', async () => {
    const url = new URL(demo.mcpUrl);
    const provider = new HeadlessProvider('alice');
    const first = new TransportV1(url, { authProvider: provider });
    await expect(new ClientV1({ name: 'old', version: '1' }).connect(first)).rejects.toBeInstanceOf(UnauthorizedErrorV1);
    await first.finishAuth(provider.takeCallback().get('code') ?? '');

    const client = new ClientV1({ name: 'old', version: '1' });
    const transport = new TransportV1(url, { authProvider: provider });
    await client.connect(transport);
    expect(transport.protocolVersion).toBe('2025-11-25');
    const listed = await client.listTools();
    expect(listed.tools.map((tool) => tool.name)).toEqual(expect.arrayContaining(tools));
    const result = await client.callTool({ name: 'orders_whoAmI', arguments: {} });
    expect(result.isError).toBeFalsy();
    expect(result.structuredContent).toMatchObject(seenByApi);
    await client.close();
  });

  it.each<[string, VersionNegotiationMode, string, string]>([
    ['legacy', 'legacy', '2025-11-25', 'localhost'],
    ['auto', 'auto', '2026-07-28', 'localhost'],
    ['modern', { pin: '2026-07-28' }, '2026-07-28', 'localhost'],
    ['modern', { pin: '2026-07-28' }, '2026-07-28', '127.0.0.1'],
  ])('of the SDK v2 (%s) discovers, signs in, lists and calls', async (_name, mode, version, host) => {
    const url = new URL(demo.mcpUrl.replace('localhost', host));
    const provider = new HeadlessProvider('alice');
    const newClient = (): Client => new Client({ name: 'new', version: '1' }, { versionNegotiation: { mode } });
    const first = new StreamableHTTPClientTransport(url, { authProvider: provider });
    await expect(newClient().connect(first)).rejects.toBeInstanceOf(UnauthorizedError);
    await first.finishAuth(provider.takeCallback());

    const client = newClient();
    await client.connect(new StreamableHTTPClientTransport(url, { authProvider: provider }));
    expect(client.getNegotiatedProtocolVersion()).toBe(version);
    const listed = await client.listTools();
    expect(listed.tools.map((tool) => tool.name)).toEqual(expect.arrayContaining(tools));
    const result = await client.callTool({ name: 'orders_whoAmI', arguments: {} });
    expect(result.isError).toBeFalsy();
    expect(result.structuredContent).toMatchObject(seenByApi);
    await client.close();
  });
});
