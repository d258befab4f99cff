import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway();
  token = await gateway.token();
});
afterAll(() => gateway.stop());

interface Answer {
  readonly status: number;
  readonly body: { readonly id?: unknown; readonly error?: { code: number; message: string; data?: unknown }; readonly result?: Record<string, unknown> } | undefined;
}

async function post(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await gateway.post(body, { token, headers });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as Exclude<Answer['body'], undefined>) };
}

const meta = (version = '2026-07-28') => ({
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
});

function modern(method: string, params: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<Answer> {
  const named = typeof params['name'] === 'string' ? { 'mcp-name': params['name'] } : {};
  return post({ jsonrpc: '2.0', id: 5, method, params: { ...params, _meta: meta() } }, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...named, ...headers });
}

describe('the legacy era', () => {
  it('initializes in the version that was asked for, with a session id that is kept by nobody and needed by nothing', async () => {
    for (const protocolVersion of ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']) {
      const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion, capabilities: {}, clientInfo: { name: 't', version: '1' } } };
      const response = await gateway.post(initialize, { token });
      expect([response.status, ((await response.json()) as { result: Record<string, unknown> }).result['protocolVersion']]).toEqual([200, protocolVersion]);
      const id = response.headers.get('mcp-session-id') ?? '';
      expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
      const pings = [{}, { 'mcp-session-id': id }, { 'mcp-session-id': 'of another server' }].map((headers) => gateway.post({ jsonrpc: '2.0', id: 2, method: 'ping' }, { token, headers }));
      for (const answer of await Promise.all(pings)) expect([answer.status, answer.headers.get('mcp-session-id')]).toEqual([200, null]);
    }
  });

  it('takes notifications with 202 and pings with an empty result', async () => {
    expect(await post({ jsonrpc: '2.0', method: 'notifications/initialized' })).toEqual({ status: 202, body: undefined });
    expect((await post({ jsonrpc: '2.0', id: 'p', method: 'ping' })).body).toEqual({ jsonrpc: '2.0', id: 'p', result: {} });
  });

  it.each([
    ['DELETE', 405, 'text/event-stream', undefined],
    ['HEAD', 405, 'text/event-stream', undefined],
    ['GET', 405, 'text/event-stream', '2026-07-28'],
    ['GET', 406, 'application/json', undefined],
  ])('has no session to end, and streams only for who reads them: %s is %i', async (method, status, accept, version) => {
    const response = await fetch(`${gateway.url}/mcp`, { method, headers: { authorization: `Bearer ${token}`, accept, ...(version === undefined ? {} : { 'mcp-protocol-version': version }) } });
    expect(response.status).toBe(status);
    expect(response.headers.has('allow')).toBe(status === 405);
  });

  it('refuses what it cannot read, and names the request', async () => {
    expect((await post([{ jsonrpc: '2.0', id: 1, method: 'ping' }])).status).toBe(400);
    expect((await post('{"jsonrpc": "2.0", ')).status).toBe(400);
    expect((await post({ hello: 'world' })).body?.error?.code).toBe(-32600);
    expect((await post({ jsonrpc: '2.0', id: 3, method: 'no/such' })).body).toMatchObject({ id: 3, error: { code: -32601 } });
    expect((await post({ jsonrpc: '2.0', id: 3, method: 'tools/call', params: {} })).body).toMatchObject({ id: 3, error: { code: -32602 } });
    expect((await post({ jsonrpc: '2.0', id: 3, method: 'tools/list', params: { cursor: 'nonsense' } })).body).toMatchObject({ id: 3, error: { code: -32602 } });
    expect((await post({ jsonrpc: '2.0', id: 3, method: 'ping' }, { 'mcp-protocol-version': '1999-01-01' })).status).toBe(400);
  });

  it('takes JSON only', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml']) {
      expect((await post('{}', { 'content-type': type })).status).toBe(415);
    }
  });

  it('drops keys that would reach a prototype', async () => {
    expect((await post('{"jsonrpc":"2.0","id":1,"method":"ping","params":{"__proto__":{"admin":true}}}')).status).toBe(400);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});

describe('the modern era', () => {
  it('discovers, lists with a private lifetime, and calls', async () => {
    expect((await modern('server/discover')).body?.result).toMatchObject({ supportedVersions: ['2026-07-28'], capabilities: { tools: {} } });
    expect((await modern('tools/list')).body?.result).toMatchObject({ cacheScope: 'private', ttlMs: 60_000, tools: expect.any(Array) });
    expect((await modern('tools/call', { name: 'items_getItem', arguments: { id: 'x' } })).body?.result).toMatchObject({ content: [{ type: 'text', text: '{}' }] });
  });

  it('answers an unknown method with 404, and an unknown tool in the answer', async () => {
    expect(await modern('no/such')).toMatchObject({ status: 404, body: { id: 5, error: { code: -32601 } } });
    expect(await modern('ping')).toMatchObject({ status: 404, body: { error: { code: -32601 } } });
    expect(await modern('tools/call', { name: 'nothing', arguments: {} })).toMatchObject({ status: 200, body: { id: 5, error: { code: -32602 } } });
  });

  it('refuses an unknown version with 400 and -32022', async () => {
    const { status, body } = await post({ jsonrpc: '2.0', id: 5, method: 'tools/list', params: { _meta: meta('2031-01-01') } }, { 'mcp-protocol-version': '2031-01-01', 'mcp-method': 'tools/list' });
    expect([status, body?.error?.code]).toEqual([400, -32022]);
  });

  it.each([
    ['another method', { 'mcp-method': 'tools/list' }],
    ['another tool', { 'mcp-name': 'items_listItems' }],
    ['another tool in base64', { 'mcp-name': `=?base64?${Buffer.from('items_listItems').toString('base64')}?=` }],
    ['another version', { 'mcp-protocol-version': '2025-11-25' }],
  ])('refuses headers that name %s than the body: 400 and -32020', async (_, headers) => {
    const { status, body } = await modern('tools/call', { name: 'items_getItem', arguments: { id: 'x' } }, headers);
    expect([status, body?.error?.code]).toEqual([400, -32020]);
  });

  it.each(['mcp-method', 'mcp-name', 'mcp-protocol-version'])('refuses a request without %s', async (missing) => {
    const headers: Record<string, string> = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'items_getItem' };
    delete headers[missing];
    const { status, body } = await post({ jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'items_getItem', arguments: { id: 'x' }, _meta: meta() } }, headers);
    expect([status, body?.error?.code]).toEqual([400, -32020]);
  });

  it('takes a name in base64 that is the body\'s', async () => {
    const { body } = await modern('tools/call', { name: 'items_getItem', arguments: { id: 'x' } }, { 'mcp-name': `=?base64?${Buffer.from('items_getItem').toString('base64')}?=` });
    expect(body?.result).toBeDefined();
  });
});

describe('a request that is not quite plain', () => {
  const plain = { jsonrpc: '2.0', id: 5, method: 'tools/list' };
  const at = (version: string) => ({ ...meta(), 'io.modelcontextprotocol/protocolVersion': version });

  it.each<[string, number, Record<string, unknown>, Record<string, string>]>([
    ['with a member that JSON-RPC has not', 400, { ...plain, extra: 1 }, {}],
    ['with params that are null', 400, { ...plain, params: null }, {}],
    ['with an id that is null', 400, { ...plain, id: null }, {}],
    ['with an id that is no whole number', 400, { ...plain, id: 1.5 }, {}],
    ['with a progress token of a wrong type', 400, { ...plain, params: { _meta: { progressToken: {} } } }, {}],
    ['with a progress token', 200, { ...plain, params: { _meta: { progressToken: 7 } } }, {}],
    ['with a version in the body alone', 400, { ...plain, params: { _meta: at('2026-07-28') } }, {}],
    ['with a version in the header alone', 400, plain, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' }],
    ['without a client name', 400, { ...plain, params: { _meta: { ...meta(), 'io.modelcontextprotocol/clientInfo': {} } } }, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' }],
    ['with client capabilities of a wrong type', 400, { ...plain, params: { _meta: { ...meta(), 'io.modelcontextprotocol/clientCapabilities': 7 } } }, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' }],
    ['with another member in _meta', 200, { ...plain, params: { _meta: { ...meta(), 'com.example/x': { y: 1 } } } }, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' }],
    ['with a trace', 200, { ...plain, params: { _meta: { ...meta(), traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } } }, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' }],
    ['with a result beside its method', 400, { ...plain, result: {} }, {}],
  ])('is answered, %s: %i', async (_, status, body, headers) => {
    expect((await post(body, headers)).status).toBe(status);
  });
});

describe('who may send a request', () => {
  it('is not a Host or an Origin outside the lists', async () => {
    expect((await post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { origin: 'null' })).status).toBe(403);
    expect((await post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { origin: gateway.url })).status).toBe(200);
  });

  it('gets CORS for the listed origin alone, with the challenge exposed', async () => {
    const response = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { headers: { origin: gateway.url } });
    expect(response.status).toBe(401);
    expect(response.headers.get('access-control-allow-origin')).toBe(gateway.url);
    expect(response.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    const metadata = await fetch(`${gateway.url}/.well-known/oauth-protected-resource/mcp`, { headers: { origin: 'https://anywhere.example' } });
    expect([metadata.status, metadata.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  });

  it('gets it with a list too, whose kept bytes go out past Fastify, with their length', async () => {
    const response = await gateway.post({ jsonrpc: '2.0', id: 'größer', method: 'tools/list' }, { token, headers: { origin: gateway.url } });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(Object.fromEntries(['access-control-allow-origin', 'content-type', 'content-length', 'transfer-encoding'].map((name) => [name, response.headers.get(name)]))).toEqual({
      'access-control-allow-origin': gateway.url,
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      'transfer-encoding': null,
    });
    expect(JSON.parse(bytes.toString())).toMatchObject({ id: 'größer', result: { tools: expect.arrayContaining([expect.objectContaining({ name: 'items_getItem' })]) } });
  });
});

describe('the metadata documents', () => {
  it('name their resource, the issuer and the basic scopes', async () => {
    const read = async (path: string) => (await fetch(`${gateway.url}/.well-known/oauth-protected-resource${path}`)).json();
    const shared = { resource: `${gateway.url}/mcp`, authorization_servers: [gateway.issuer.url], scopes_supported: ['openid', 'items:read'], bearer_methods_supported: ['header'] };
    expect(await read('/mcp')).toMatchObject(shared);
    expect(await read('')).toMatchObject(shared);
    expect(await read('/t/globex/mcp')).toMatchObject({ ...shared, resource: `${gateway.url}/t/globex/mcp` });
  });
});
