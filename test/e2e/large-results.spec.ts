import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { readAudit } from '../../src/audit/audit.reader.js';
import { Catalogs } from '../../src/catalog/catalogs.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';
import { largeDocument } from '../tools/large-document.js';
import { sendLegacy, sendModern, type Sending } from '../tools/mcp-messages.js';
import { forgeLink, linksOf } from '../tools/resource-links.js';

let gateway: TestGateway;
let token: string;
const items = (settings: Settings) => (settings['apis'] as Settings[])[0]!;

beforeAll(async () => {
  gateway = await startGateway({
    document: largeDocument(60),
    change: (settings) => {
      settings['transports'] = { sse: true };
      settings['toolsets'] = [
        { name: 'reading', tenant: 'acme', include: ['items.listItems'] },
        { name: 'writing', tenant: 'acme', include: ['items.createItem'] },
      ];
      items(settings)['results'] = { maxTokens: 100 };
    },
  });
  token = await gateway.token();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.upstream.requests.length = 0;
});
afterEach(() => gateway.upstream.answerWith(() => ({})));

/** What no reader of JSON may touch: digits, spacing, characters beyond ASCII. */
const large = ` {"items": [${Array.from({ length: 300 }, (_, at) => `{"id": ${90071992547409930000n + BigInt(at)}, "price": 1.10, "name": "Größe 漢字 😀 \\u00e9"}`).join(', ')}]}\n`;
const bytes = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(2_000_000)]);
const list = { name: 'items_listItems', arguments: { kind: 'größe/1' } };
const answerLarge = () => gateway.upstream.answerWith(() => ({ body: large }));
const records = async (subject: string) => {
  const rows = await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 1_000 });
  return rows.filter((row) => row.subject === subject).toReversed();
};

const eras = [
  ['modern', sendModern],
  ['legacy', (at: TestGateway, method: string, params: Record<string, unknown>, sending: Sending) => sendLegacy(at, method, params, { version: '2025-06-18', ...sending })],
] as const;

describe.each(eras)('an answer that is too large for a result (%s)', (era, send) => {
  it('is cut, and its whole can be read at the link, byte for byte', async () => {
    answerLarge();
    const call = await send(gateway, 'tools/call', list, { token });
    const [link, ...more] = linksOf(call);
    expect([link, more]).toEqual([{ type: 'resource_link', uri: expect.stringMatching(/^gatehouse:\/\/answers\/items_listItems\/[\w-]+$/), name: 'items_listItems', mimeType: 'application/json', size: Buffer.byteLength(large), description: expect.any(String) }, []]);
    expect(call.result.content[0]?.text.length).toBeLessThan(500);
    expect(call.result.content[1]?.text).toMatch(/^\[Shortened to fit: \d+ of 300 items .*The whole answer can be read at the linked resource\.\]$/);
    const read = await send(gateway, 'resources/read', { uri: link!.uri }, { token });
    expect(read.result.contents).toEqual([{ uri: link!.uri, mimeType: 'application/json', text: large }]);
    expect(gateway.upstream.requests.map(({ method, path, query }) => [method, path, query])).toEqual([['GET', '/v1/items', 'kind=gr%C3%B6%C3%9Fe%2F1'], ['GET', '/v1/items', 'kind=gr%C3%B6%C3%9Fe%2F1']]);
  });

  it('is left out where it is bytes, which are read at the link', async () => {
    gateway.upstream.answerWith(() => ({ headers: { 'content-type': 'image/png' }, body: bytes }));
    const call = await send(gateway, 'tools/call', list, { token });
    expect(call.result.content.map(({ text }) => text)).toEqual([expect.stringMatching(/^Binary response: image\/png, 2000008 bytes; left out/), undefined]);
    const [link] = linksOf(call);
    expect(link).toMatchObject({ mimeType: 'image/png', size: 2_000_008 });
    const [content] = (await send(gateway, 'resources/read', { uri: link!.uri }, { token })).result.contents;
    expect(content).toMatchObject({ uri: link!.uri, mimeType: 'image/png' });
    expect(Buffer.from(content!.blob!, 'base64').equals(bytes)).toBe(true);
  });

  it('is linked to through call_tool, and at the address of a toolset', async () => {
    answerLarge();
    const through = await send(gateway, 'tools/call', { name: 'call_tool', arguments: list }, { token });
    const path = '/mcp/sets/reading';
    const at = { token: await gateway.token({ aud: gateway.url + path }), path };
    const inside = await send(gateway, 'tools/call', list, at);
    const direct = await send(gateway, 'tools/call', list, { token });
    expect(linksOf(direct)).toHaveLength(1);
    expect([linksOf(through), linksOf(inside)]).toEqual([linksOf(direct), linksOf(direct)]);
    const { uri } = linksOf(inside)[0]!;
    expect((await send(gateway, 'resources/read', { uri }, at)).result.contents[0]?.text).toBe(large);
    const other = '/mcp/sets/writing';
    const outside = await send(gateway, 'resources/read', { uri }, { token: await gateway.token({ aud: gateway.url + other }), path: other });
    expect([outside.status, outside.error]).toEqual([200, { code: -32602, message: 'there is no such resource', data: { uri } }]);
  });

  it('has no link where a call is more than reading, failed, or has arguments too long for an address', async () => {
    answerLarge();
    const created = await send(gateway, 'tools/call', { name: 'items_createItem', arguments: { title: 'x' } }, { token });
    const long = await send(gateway, 'tools/call', { name: list.name, arguments: { kind: 'x'.repeat(4_000) } }, { token });
    for (const { result } of [created, long]) expect(result.content.map(({ text }) => text)).toEqual([expect.any(String), expect.not.stringContaining('linked')]);
    gateway.upstream.answerWith(() => ({ headers: { 'content-type': 'image/png' }, body: bytes }));
    const upload = await send(gateway, 'tools/call', { name: 'items_createItem', arguments: { title: 'x' } }, { token });
    expect(upload.result.content).toEqual([expect.objectContaining({ type: 'image', data: bytes.toString('base64') })]);
    gateway.upstream.answerWith(() => ({ status: 500, body: large }));
    const failed = await send(gateway, 'tools/call', list, { token });
    expect([failed.result.isError, linksOf(failed)]).toEqual([true, []]);
  });

  it('is declared as a resource that no list has', async () => {
    const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
    const greeting = await (era === 'modern' ? send(gateway, 'server/discover', {}, { token }) : send(gateway, 'initialize', initialize, { token }));
    expect((greeting.result as unknown as { capabilities: object }).capabilities).toEqual({ tools: { listChanged: true }, resources: {}, prompts: {} });
    expect((await send(gateway, 'resources/list', {}, { token })).result).toMatchObject({ resources: [] });
    expect((await send(gateway, 'resources/templates/list', {}, { token })).result).toMatchObject({ resourceTemplates: [] });
  });

  it('says as an error what the API says instead, that it is down, or that the link fits no more', async () => {
    const read = (args: object) => send(gateway, 'resources/read', { uri: forgeLink('items_listItems', args) }, { token });
    gateway.upstream.answerWith(() => ({ status: 404, headers: { 'content-type': 'application/problem+json' }, body: '{"title":"No such kind"}' }));
    expect((await read({})).error).toEqual({ code: -32603, message: expect.stringMatching(/^HTTP 404 Not Found: No such kind\n/), data: { code: 'api_error' } });
    gateway.upstream.answerWith(() => ({ status: 302, headers: { location: '/elsewhere' } }));
    expect((await read({})).error).toMatchObject({ code: -32603, message: expect.stringContaining('redirect') });
    gateway.upstream.answerWith(() => Promise.reject(new Error('the connection is cut')));
    expect((await read({})).error).toMatchObject({ code: -32603, message: expect.stringMatching(/^API "items" /) });
    gateway.upstream.requests.length = 0;
    expect((await read({ kinds: 'x' })).error).toEqual({ code: -32602, message: expect.stringContaining('kinds'), data: expect.anything() });
    expect(gateway.upstream.requests).toEqual([]);
  });

  it('is on record when it is read, as the call that it is', async () => {
    const subject = `reader-${era}`;
    const own = await gateway.token({ sub: subject });
    const uri = forgeLink('items_listItems', {});
    answerLarge();
    await send(gateway, 'resources/read', { uri }, { token: own });
    gateway.upstream.answerWith(() => ({ status: 500 }));
    await send(gateway, 'resources/read', { uri }, { token: own });
    await send(gateway, 'resources/read', { uri: forgeLink('items_listItems', { nothing: 1 }) }, { token: own });
    const rows = (await records(subject)).map(({ kind, tool, api, decision, result, upstreamStatus, actor }) => [kind, tool, api, decision, result, upstreamStatus, actor]);
    const intent = ['intent', 'items_listItems', 'items', 'allowed', null, null, null];
    expect(rows).toEqual([
      intent,
      ['outcome', 'items_listItems', 'items', 'allowed', 'success', 200, 'gatehouse'],
      intent,
      ['outcome', 'items_listItems', 'items', 'allowed', 'failure', 500, 'gatehouse'],
      ['refused', 'items_listItems', 'items', 'invalid_arguments', null, null, null],
    ]);
  });
});

describe('the arguments of a link', () => {
  it('are those that a client of a profile sent, and bind to the same request under it', async () => {
    answerLarge();
    const shown = { id: 7, X_ticket_Version: '3' };
    const sending = { token, client: 'gemini-cli-mcp-client' };
    const [link] = linksOf(await sendModern(gateway, 'tools/call', { name: 'items_readTicket0', arguments: shown }, sending));
    expect((await sendModern(gateway, 'resources/read', { uri: link!.uri }, sending)).result.contents[0]?.text).toBe(large);
    const [first, second] = gateway.upstream.requests.map(({ path, headers }) => [path, headers['x-ticket.version']]);
    expect([first, second]).toEqual([['/v1/tickets-0/7', '3'], ['/v1/tickets-0/7', '3']]);
  });

  it('keep integers beyond 2^53', async () => {
    answerLarge();
    const [link] = linksOf(await sendLegacy(gateway, 'tools/call', '{"name":"items_readTicket2","arguments":{"id":90071992547409931234}}', { token, version: '2025-11-25' }));
    await sendModern(gateway, 'resources/read', { uri: link!.uri }, { token });
    expect(gateway.upstream.requests.map(({ path }) => path)).toEqual(['/v1/tickets-2/90071992547409931234', '/v1/tickets-2/90071992547409931234']);
  });
});

describe('a client of a revision without resource links', () => {
  it.each([undefined, '2025-03-26'])('gets what it always got: %s', async (version) => {
    const sending = { token, ...(version === undefined ? {} : { version }) };
    answerLarge();
    expect((await sendLegacy(gateway, 'tools/call', list, sending)).result.content.map(({ text }) => text)).toEqual([expect.any(String), expect.not.stringContaining('linked')]);
    gateway.upstream.answerWith(() => ({ headers: { 'content-type': 'image/png' }, body: bytes }));
    expect((await sendLegacy(gateway, 'tools/call', list, sending)).result.content).toEqual([expect.objectContaining({ type: 'image' })]);
  });
});

interface AnyClient {
  callTool(params: typeof list): Promise<unknown>;
  readResource(params: { readonly uri: string }): Promise<unknown>;
  close(): Promise<void>;
}

describe('the official clients', () => {
  const init = async (path = '/mcp') => ({ requestInit: { headers: { authorization: `Bearer ${await gateway.token({ aud: gateway.url + path })}` } } });
  const url = (path = '/mcp') => new URL(gateway.url + path);

  it.each<[string, () => Promise<AnyClient>]>([
    ['SDK v1', async () => {
      const client = new ClientV1({ name: 'old', version: '1' });
      await client.connect(new TransportV1(url(), await init()));
      return client;
    }],
    ['SDK v1, HTTP+SSE', async () => {
      const client = new ClientV1({ name: 'old', version: '1' });
      await client.connect(new SSEClientTransport(url('/sse'), await init('/sse')));
      return client;
    }],
    ['SDK v2, modern', async () => {
      const client = new Client({ name: 'new', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
      await client.connect(new StreamableHTTPClientTransport(url(), await init()));
      return client;
    }],
  ])('take a link and read it: %s', async (_, connect) => {
    const client = await connect();
    answerLarge();
    const result = (await client.callTool(list)) as Parameters<typeof linksOf>[0]['result'];
    const read = (await client.readResource({ uri: linksOf({ result })[0]!.uri })) as { contents: unknown };
    expect(read.contents).toEqual([expect.objectContaining({ text: large })]);
    await client.close();
  });
});

describe('what an owner changes', () => {
  it('holds for links that were made before: a tool that is gone, one that does more than it seems, a projection', async () => {
    answerLarge();
    const { uri } = linksOf(await sendModern(gateway, 'tools/call', list, { token }))[0]!;
    const read = () => sendModern(gateway, 'resources/read', { uri }, { token });
    const override = async (listItems: object) => {
      await gateway.apply((settings) => {
        items(settings)['overrides'] = { listItems };
      });
      await gateway.app.get(Catalogs, { strict: false }).newestOf(gateway.app.get(TenantRegistry).find('acme')!);
    };
    await override({ response: { projection: '$.items[0].name' } });
    expect((await read()).result.contents).toEqual([{ uri, mimeType: 'application/json', text: '"Größe 漢字 😀 é"' }]);
    gateway.upstream.requests.length = 0;
    await override({ annotations: { readOnlyHint: false } });
    const unknown = { code: -32602, message: 'there is no such resource', data: { uri } };
    expect((await read()).error).toEqual(unknown);
    await override({ enabled: false });
    expect((await read()).error).toEqual(unknown);
    expect(gateway.upstream.requests).toEqual([]);
  });
});
