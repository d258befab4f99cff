import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RecordingUpstream } from '@gatehouse-mcp/testing';
import { Client, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { forgeLink } from '../tools/resource-links.js';

const launcher = resolve(import.meta.dirname, '../../scripts/gatehouse.mjs');
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-stdio-'));
const environment = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', API_TOKEN: 'token-of-the-person' };
let upstream: RecordingUpstream;
let other: RecordingUpstream;

beforeAll(async () => {
  upstream = await RecordingUpstream.start(() => ({ body: '{"id":9007199254740993,"price":1.10}' }));
  other = await RecordingUpstream.start();
});
afterAll(async () => {
  await Promise.all([upstream.stop(), other.stop()]);
  rmSync(folder, { recursive: true });
});

/** Writes a document whose default server is the recording one, and which also has a server of its own and a relative one. */
function document(server = `${upstream.url}/v1`): string {
  const file = join(folder, 'items.yaml');
  writeFileSync(
    file,
    `openapi: 3.1.0
info: { title: Items, version: '1' }
servers: [{ url: '${server}' }]
components: { securitySchemes: { key: { type: apiKey, in: header, name: X-Api-Key } } }
paths:
  /items/{id}:
    get:
      operationId: getItem
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }, { name: theme, in: cookie, schema: { type: string } }]
      responses: {}
    put:
      operationId: putItem
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
      requestBody: { content: { application/json: { schema: { type: object, properties: { count: { type: integer } } } } } }
      responses: {}
  /uploads:
    servers: [{ url: '/files' }]
    post: { operationId: upload, responses: {} }
  /elsewhere:
    servers: [{ url: '${other.url}' }]
    get: { operationId: elsewhere, responses: {} }
`,
  );
  return file;
}

const stdio = (...args: string[]) => ({ command: process.execPath, args: [launcher, 'stdio', ...args], env: environment, stderr: 'pipe' as const });

interface Result {
  readonly isError?: boolean | undefined;
  readonly content?: unknown;
}

interface Connected {
  list(): Promise<readonly string[]>;
  call(name: string, args: Record<string, unknown>): Promise<Result>;
  read(uri: string): Promise<{ readonly contents: unknown }>;
  close(): Promise<void>;
}

async function connectV1(...args: string[]): Promise<Connected> {
  const client = new ClientV1({ name: 'old', version: '1' });
  await client.connect(new TransportV1(stdio(...args)));
  return {
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, given) => (await client.callTool({ name, arguments: given })) as Result,
    read: (uri) => client.readResource({ uri }),
    close: () => client.close(),
  };
}

const connectV2 =
  (mode: VersionNegotiationMode) =>
  async (...args: string[]): Promise<Connected> => {
    const client = new Client({ name: 'new', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new StdioClientTransport(stdio(...args)));
    return {
      list: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: (name, given) => client.callTool({ name, arguments: given }),
      read: (uri) => client.readResource({ uri }),
      close: () => client.close(),
    };
  };

describe.each([
  ['SDK v1', connectV1],
  ['SDK v2, legacy', connectV2('legacy')],
  ['SDK v2, modern', connectV2({ pin: '2026-07-28' })],
])('gatehouse stdio with the official client (%s)', (_, connect) => {
  it('lists and calls, with the header of the person and every digit', async () => {
    const client = await connect('--openapi', document(), '--header', 'X-Api-Key: env:API_TOKEN');
    expect(await client.list()).toEqual(['getItem', 'putItem', 'upload', 'elsewhere']);
    const result = await client.call('getItem', { id: 5 });
    expect(result.isError ?? false).toBe(false);
    expect(result.content).toEqual([{ type: 'text', text: '{"id":9007199254740993,"price":1.10}' }]);
    expect(upstream.last).toMatchObject({ method: 'GET', path: '/v1/items/5', query: '' });
    expect(upstream.last.headers['x-api-key']).toBe('token-of-the-person');
    await client.close();
  });

  it('links to what is too large for a result, where calling again is only reading', async () => {
    const client = await connect('--openapi', document(), '--header', 'X-Api-Key: env:API_TOKEN');
    const large = JSON.stringify('Größe '.repeat(20_000).split(' '));
    upstream.answerWith(() => ({ body: large }));
    const [, , link] = (await client.call('getItem', { id: 5 })).content as [unknown, unknown, { type: string; uri: string; size: number }];
    expect(link).toMatchObject({ type: 'resource_link', size: Buffer.byteLength(large) });
    expect((await client.read(link.uri)).contents).toEqual([{ uri: link.uri, mimeType: 'application/json', text: large }]);
    expect(upstream.last).toMatchObject({ method: 'GET', path: '/v1/items/5', headers: { 'x-api-key': 'token-of-the-person' } });
    expect((await client.call('putItem', { id: 5 })).content).toHaveLength(2);
    upstream.answerWith(() => ({ body: '{"id":9007199254740993,"price":1.10}' }));
    const seen = upstream.requests.length;
    for (const [name, args] of [['putItem', { id: 5 }], ['nothing', {}]] as const) await expect(client.read(forgeLink(name, args))).rejects.toThrow('there is no such resource');
    await expect(client.read(forgeLink('getItem', {}))).rejects.toThrow('Missing required argument "id"');
    expect(upstream.requests).toHaveLength(seen);
    await client.close();
  });

  it('answers mistakes of a model with what to mend', async () => {
    const client = await connect('--openapi', document());
    const seen = upstream.requests.length;
    expect(await client.call('getItem', {})).toEqual(expect.objectContaining({ isError: true, content: [{ type: 'text', text: 'Missing required argument "id" (integer).' }] }));
    await expect(client.call('nothing', {})).rejects.toThrow('there is no tool "nothing"');
    expect(upstream.requests).toHaveLength(seen);
    await client.close();
  });
});

it('cookies of the person and of an argument go in one header', async () => {
  const client = await connectV2('legacy')('--openapi', document(), '--header', 'Cookie: session=env:API_TOKEN', '--header', 'Cookie: lang=de');
  await client.call('getItem', { id: 5, theme: 'dark' });
  expect(upstream.last.headers['cookie']).toBe('theme=dark; session=token-of-the-person; lang=de');
  await client.close();
});

describe('the servers that gatehouse stdio calls', () => {
  const connect = connectV2('legacy');

  it("are the document's own, at all levels", async () => {
    const client = await connect('--openapi', document());
    await client.call('upload', {});
    expect(upstream.last.path).toBe('/files/uploads');
    await client.call('elsewhere', {});
    expect(other.last.path).toBe('/elsewhere');
    await client.close();
  });

  it('are replaced by --base-url where they are the default or relative', async () => {
    const client = await connect('--openapi', document('https://items.example/v1'), '--base-url', `${upstream.url}/base`);
    await client.call('getItem', { id: 1 });
    expect(upstream.last.path).toBe('/base/items/1');
    await client.call('upload', {});
    expect(upstream.last.path).toBe('/files/uploads');
    await client.close();
  });

  it('say when nobody is there', async () => {
    const client = await connect('--openapi', document('http://127.0.0.1:9/v1'));
    const result = await client.call('getItem', { id: 1 });
    expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('API "Items" cannot be reached') }] });
    await client.close();
  });
});

describe.each<VersionNegotiationMode>(['legacy', { pin: '2026-07-28' }])('a document with more tools than --search-above (%j)', (mode) => {
  it('is searched, its tools described, called through call_tool and by their names', async () => {
    const client = await connectV2(mode)('--openapi', document(), '--search-above', '3');
    expect(await client.list()).toEqual(['search_tools', 'describe_tool', 'call_tool']);
    const textOf = ({ content }: Result) => (content as { text: string }[])[0]!.text;
    expect(JSON.parse(textOf(await client.call('search_tools', { query: 'put items' })))).toMatchObject({ tools: [{ name: 'putItem' }, { name: 'getItem' }] });
    expect(JSON.parse(textOf(await client.call('describe_tool', { name: 'putItem' })))).toMatchObject({ name: 'putItem', inputSchema: { required: ['id'] } });
    const through = await client.call('call_tool', { name: 'getItem', arguments: { id: 7 } });
    expect(upstream.last.path).toBe('/v1/items/7');
    expect(through).toEqual(await client.call('getItem', { id: 7 }));
    expect(await client.call('call_tool', {})).toMatchObject({ isError: true });
    for (const name of ['nothing', 'call_tool']) await expect(client.call('call_tool', { name, arguments: {} })).rejects.toThrow(`there is no tool "${name}"`);
    await client.close();
  });
});

/** The bytes of a whole session, without any client. */
function speak(lines: readonly string[], ...args: string[]): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [launcher, 'stdio', ...args], { env: environment });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.split('\n').length > lines.length) child.stdin.end();
    });
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => done({ code, out, err }));
    child.stdin.on('error', () => undefined);
    child.stdin.write(lines.map((line) => `${line}\n`).join(''));
    if (lines.length === 0) child.stdin.end();
  });
}

const initialize = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } } });

describe('the streams of gatehouse stdio', () => {
  it('carry nothing but the protocol on stdout, and on stderr which promises do not hold', async () => {
    const { code, out, err } = await speak([initialize, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'], '--openapi', document());
    expect(code).toBe(0);
    const messages = out.trim().split('\n').map((line) => JSON.parse(line) as { id: number });
    expect(messages.map(({ id }) => id)).toEqual([0, 1]);
    expect(err).toContain('Gatehouse serves 4 tools of Items over stdio');
    expect(err).toContain('no users or tenants, writes no audit trail');
  });

  it('W16: keep every digit of arguments and structured results', async () => {
    const call = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"putItem","arguments":{"id":9007199254740993,"count":12345678901234567890}}}';
    const { out } = await speak([initialize, call], '--openapi', document());
    expect(upstream.last.path).toBe('/v1/items/9007199254740993');
    expect(upstream.last.body.toString()).toBe('{"count":12345678901234567890}');
    expect(out).toContain('"structuredContent":{"id":9007199254740993,"price":1.10}');
  });

  it('answer what is no message, and go on', async () => {
    const { out } = await speak(['{"jsonrpc":', '[]', initialize], '--openapi', document());
    const [first, second, third] = out.trim().split('\n').map((line) => JSON.parse(line) as { id: unknown; error?: { code: number } });
    expect(first).toMatchObject({ id: null, error: { code: -32700 } });
    expect(second).toMatchObject({ id: null, error: { code: -32600 } });
    expect(third).toMatchObject({ id: 0, result: {} });
  });

  it.each([
    [['--openapi', 'missing.yaml'], 1, 'missing.yaml: the file does not exist'],
    [[], 2, 'stdio needs --openapi FILE|URL'],
    [['--openapi', 'DOCUMENT', '--header', 'X-Key: env:NOT_SET'], 1, 'environment variable NOT_SET is not set'],
    [['--openapi', 'DOCUMENT', '--header', 'Content-Length: 5'], 2, '--header cannot set Content-Length'],
    [['--openapi', 'DOCUMENT', '--header', 'nonsense'], 2, "--header must be written as 'Name: value'"],
    [['--openapi', 'DOCUMENT', '--base-url', 'ftp://x'], 2, '--base-url must be an http or https URL'],
    [['--openapi', 'DOCUMENT', '--profile', 'nobody'], 2, 'there is no client profile "nobody"; there are default, '],
    [['--openapi', 'DOCUMENT', '--include', 'zzz*'], 2, '--include zzz* matches none of the 4 operations'],
    [['--openapi', 'DOCUMENT', '--timeout', 'soon'], 2, '--timeout must be a duration'],
    [['--openapi', 'DOCUMENT', '--search-above', 'many'], 2, '--search-above must be a number'],
  ])('%j ends with %i and says why', async (args, expected, message) => {
    const path = document();
    const { code, out, err } = await speak([], ...args.map((argument) => (argument === 'DOCUMENT' ? path : argument)));
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(code).toBe(expected);
  });
});
