import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startGateway, type JsonRpcMessage, type TestGateway } from '../tools/gateway.js';
import { modernRequest } from '../tools/modern.js';

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway();
  token = await gateway.token();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.upstream.requests.length = 0;
});

interface Answered {
  readonly status: number;
  readonly message: JsonRpcMessage | undefined;
}

async function post(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
  const response = await gateway.post(body, { token, headers });
  const text = await response.text();
  return { status: response.status, message: text === '' ? undefined : (JSON.parse(text) as JsonRpcMessage) };
}
const call = { name: 'items_getItem', arguments: { id: '1' } };

describe('what is no message', () => {
  it.each<[string, string]>([
    ['nothing', ''],
    ['a word', 'hello'],
    ['half an object', '{"jsonrpc":"2.0","id":1,"method":'],
    ['two objects', '{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0","id":2,"method":"ping"}'],
    ['a comma too many', '{"jsonrpc":"2.0","id":1,"method":"ping",}'],
    ['null', 'null'],
    ['a number', '1'],
    ['a string', '"ping"'],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]'],
    ['no version', '{"id":1,"method":"ping"}'],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"ping"}'],
    ['a version that is a number', '{"jsonrpc":2.0,"id":1,"method":"ping"}'],
    ['a method that is a number', '{"jsonrpc":"2.0","id":1,"method":1}'],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"ping"}'],
    ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"ping"}'],
    ['an id that is a boolean', '{"jsonrpc":"2.0","id":true,"method":"ping"}'],
    ['an id that is no integer', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}'],
    ['parameters that are a list', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["items_getItem"]}'],
    ['parameters that are a text', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":"items_getItem"}'],
    ['_meta that is a list', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"items_getItem","_meta":[]}}'],
    ['a byte order mark in UTF-16', Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}', 'utf16le').toString('latin1')],
  ])('is 400, with an error and no call: %s', async (_, text) => {
    const { status, message } = await post(text);
    expect([status, typeof (message?.error ?? 'none')]).toEqual([400, expect.stringMatching(/object|string/)]);
    expect(gateway.upstream.requests).toEqual([]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp', ''])('is 415 as %j', async (type) => {
    expect((await post('{"jsonrpc":"2.0","id":1,"method":"ping"}', { 'content-type': type })).status).toBe(415);
  });
});

describe('an answer', () => {
  it.each<[unknown]>([[0], [-1], [Number.MAX_SAFE_INTEGER], ['1'], [''], ['ä 𝕏 "\\'], ['x'.repeat(1_000)]])('has the id of its request, of its type: %j', async (id) => {
    for (const { body, headers } of [{ body: { jsonrpc: '2.0', id, method: 'tools/call', params: call }, headers: {} }, modernRequest(id as string, 'tools/call', call)]) {
      const { message } = await post(body, headers);
      expect([message?.id, message?.result?.isError]).toEqual([id, undefined]);
    }
  });

  it('of one of two requests with the same id is that request\'s own', async () => {
    gateway.upstream.answerWith(async ({ path }) => {
      await new Promise((resolve) => setTimeout(resolve, path.endsWith('slow') ? 200 : 0));
      return { body: JSON.stringify({ path }) };
    });
    const answers = await Promise.all(['slow', 'fast'].map((id) => post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { ...call, arguments: { id } } })));
    expect(answers.map(({ message }) => message?.result?.structuredContent?.['path'])).toEqual(['/v1/items/slow', '/v1/items/fast']);
    gateway.upstream.answerWith(() => ({}));
  });
});

describe('what nobody knows', () => {
  it.each(['tools/cal', 'tools/list/', 'rpc.discover', '__proto__', 'constructor', 'toString', '', 'sampling/createMessage', 'roots/list', 'elicitation/create', 'tasks/get'])('is an unknown method in either era: %j', async (method) => {
    const legacy = await post({ jsonrpc: '2.0', id: 1, method });
    expect([legacy.status, legacy.message?.error?.code]).toEqual([200, -32601]);
    const { body, headers } = modernRequest(1, method);
    const modern = await post(body, headers);
    expect([[404, -32601], [400, -32020], [400, -32600]]).toContainEqual([modern.status, modern.message?.error?.code]);
  });

  it.each(['notifications/unknown', 'notifications/cancelled', 'notifications/roots/list_changed', 'tools/call', '__proto__'])('is taken as a notification, and does nothing: %s', async (method) => {
    expect((await post({ jsonrpc: '2.0', method, params: { ...call, requestId: 1 } })).status).toBe(202);
    expect(gateway.upstream.requests).toEqual([]);
  });

  it.each([{ jsonrpc: '2.0', id: 1, result: {} }, { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } }])('is an answer to what we never asked: %j', async (message) => {
    expect((await post(message)).status).toBe(202);
  });
});
