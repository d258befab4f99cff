import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Catalogs } from '../../src/catalog/catalogs.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';
import { largeDocument } from '../tools/large-document.js';
import { sendLegacy, sendModern, type ShownTool } from '../tools/mcp-messages.js';

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway({
    document: largeDocument(10),
    change: (settings) => {
      settings['tools'] = { profiles: { 'acme-*': 'gemini', 'cursor-vscode': 'full' } };
      settings['toolsets'] = [{ name: 'fixed', tenant: 'acme', include: ['items.*'], profile: 'gemini' }];
      (settings['apis'] as Record<string, unknown>[])[0]!['profile'] = 'anthropic';
    },
  });
  token = await gateway.token();
});
afterAll(() => gateway.stop());

const tool = 'items_readTicket0';
/** Gemini's profile is known by its argument names: no dots and dashes. */
const standard = ['id', 'X-ticket.Version'];
const gemini = ['id', 'X_ticket_Version'];
const keysOf = (tools: readonly Pick<ShownTool, 'name' | 'inputSchema'>[]) => Object.keys(tools.find(({ name }) => name === tool)?.inputSchema.properties ?? {});
const initialize = (name: string, more: Record<string, unknown> = {}) => sendLegacy(gateway, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name, version: '1' }, ...more }, { token });

describe('a modern client', () => {
  it.each([
    ['someone', standard],
    ['gemini-cli-mcp-client-gatehouse', gemini],
    ['acme-agent', gemini],
    ['claude-code', standard],
  ])('sees its tools as it can take them: %s', async (client, keys) => {
    const { result } = await sendModern(gateway, 'tools/list', {}, { token, client });
    expect(keysOf(result.tools)).toEqual(keys);
  });

  it('calls a tool with the arguments that it was shown', async () => {
    const shown = { id: 7, X_ticket_Version: '3' };
    const { result } = await sendModern(gateway, 'tools/call', { name: tool, arguments: shown }, { token, client: 'gemini-cli-mcp-client' });
    expect(result.isError).toBeFalsy();
    expect([gateway.upstream.last.path, gateway.upstream.last.headers['x-ticket.version']]).toEqual(['/v1/tickets-0/7', '3']);
    expect((await sendModern(gateway, 'tools/call', { name: tool, arguments: shown }, { token, client: 'someone' })).result.isError).toBe(true);
  });
});

describe('a legacy client', () => {
  it('says once who it is, and is known by its session id at every replica', async () => {
    const replica = await gateway.replica();
    try {
      const sessionId = (await initialize('gemini-cli-mcp-client')).headers.get('mcp-session-id') ?? undefined;
      expect(sessionId).toMatch(/^profile-gemini\.[0-9a-f-]{36}$/);
      for (const url of [gateway.url, replica.url]) {
        const at = { ...gateway, post: (body: unknown, options: object) => fetch(`${url}/mcp`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...(options as { headers: Record<string, string> }).headers }, body: String(body) }) } as TestGateway;
        expect(keysOf((await sendLegacy(at, 'tools/list', {}, { token, sessionId })).result.tools)).toEqual(gemini);
        const call = await sendLegacy(at, 'tools/call', { name: tool, arguments: { id: 1, X_ticket_Version: '2' } }, { token, sessionId });
        expect(call.result.isError).toBeFalsy();
      }
    } finally {
      await replica.stop();
    }
  });

  it('that nobody knows gets a session id that says nothing, and one that is made up is that of nobody', async () => {
    expect((await initialize('someone')).headers.get('mcp-session-id')).toMatch(/^[\da-f-]{36}$/);
    for (const sessionId of [undefined, 'profile-nothing.x', 'x', 'profile-gemini']) expect(keysOf((await sendLegacy(gateway, 'tools/list', {}, { token, sessionId })).result.tools)).toEqual(standard);
  });

  it('may be one that also opens addresses, with both in its id', async () => {
    const id = (await initialize('acme-agent', { capabilities: { elicitation: { url: {} } } })).headers.get('mcp-session-id') ?? undefined;
    expect(id).toMatch(/^url-elicitation\.profile-gemini\./);
    expect(keysOf((await sendLegacy(gateway, 'tools/list', {}, { token, sessionId: id })).result.tools)).toEqual(gemini);
  });
});

describe('the official SDK', () => {
  it('brings the profile along, the old one and the new one, in either era', async () => {
    const url = new URL(`${gateway.url}/mcp`);
    const options = { requestInit: { headers: { authorization: `Bearer ${token}` } } };
    const old = new ClientV1({ name: 'gemini-cli-mcp-client', version: '1' });
    await old.connect(new TransportV1(url, options));
    expect(Object.keys((await old.listTools()).tools.find(({ name }) => name === tool)?.inputSchema.properties ?? {})).toEqual(gemini);
    await old.close();
    for (const mode of ['legacy', { pin: '2026-07-28' }] as const) {
      const client = new Client({ name: 'gemini-cli-mcp-client', version: '1' }, { versionNegotiation: { mode } });
      await client.connect(new StreamableHTTPClientTransport(url, options));
      expect(Object.keys((await client.listTools()).tools.find(({ name }) => name === tool)?.inputSchema['properties'] ?? {})).toEqual(gemini);
      await client.close();
    }
  });
});

describe('the profile of a toolset', () => {
  it('goes before that of the client, which goes before that of the API', async () => {
    const path = '/mcp/sets/fixed';
    const own = await gateway.token({ aud: gateway.url + path });
    const { result } = await sendModern(gateway, 'tools/list', {}, { token: own, path, client: 'claude-code' });
    expect(keysOf(result.tools)).toEqual(gemini);
    await gateway.apply((settings) => {
      (settings['apis'] as Record<string, unknown>[])[0]!['profile'] = 'gemini';
    });
    await gateway.app.get(Catalogs, { strict: false }).newestOf(gateway.app.get(TenantRegistry).find('acme')!);
    expect(keysOf((await sendModern(gateway, 'tools/list', {}, { token, client: 'someone' })).result.tools)).toEqual(gemini);
    expect(keysOf((await sendModern(gateway, 'tools/list', {}, { token, client: 'claude-code' })).result.tools)).toEqual(standard);
  });

  it('is a live setting', async () => {
    await gateway.apply((settings) => {
      settings['tools'] = { profiles: { someone: 'gemini', 'gemini-cli*': 'default' } };
    });
    expect(keysOf((await sendModern(gateway, 'tools/list', {}, { token, client: 'someone' })).result.tools)).toEqual(gemini);
    expect(keysOf((await sendModern(gateway, 'tools/list', {}, { token, client: 'gemini-cli-mcp-client' })).result.tools)).toEqual(standard);
  });
});
