import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listTools } from '../tools/gateway-documents.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-curation-'));
const file = (name: string, content: object): string => {
  writeFileSync(join(folder, name), JSON.stringify(content));
  return `file:${join(folder, name)}`;
};

const document = {
  openapi: '3.1.0',
  info: { title: 'Items', version: '1' },
  paths: {
    '/items': {
      get: { operationId: 'listItems', tags: ['items'], parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer' } }, { name: 'kind', in: 'query', schema: { $ref: './common.json#/Kind' } }], responses: {} },
      post: {
        operationId: 'upload',
        tags: ['items'],
        requestBody: { required: true, content: { 'multipart/form-data': { schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' }, note: { type: 'string' } } } } } },
        responses: {},
      },
    },
    '/items/{id}': { get: { operationId: 'getItem', tags: ['items'], parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }], responses: {} } },
    '/old': { get: { operationId: 'old', tags: ['items'], deprecated: true, responses: {} } },
    '/internal': { get: { operationId: 'internal', tags: ['internal'], responses: {} } },
    '/elsewhere': { servers: [{ url: 'https://files.example' }], get: { operationId: 'elsewhere', tags: ['items'], responses: {} } },
  },
};

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  file('common.json', { Kind: { type: 'string', enum: ['a', 'b'] } });
  const openapi = file('items.json', document);
  const overlay = file('overlay.json', { overlay: '1.0.0', info: { title: 'o', version: '1' }, actions: [{ target: '$.paths["/items"].get', update: { summary: 'From the overlay' } }] });
  gateway = await startGateway({
    tenants: ['acme'],
    change: (settings: Settings) => {
      const [api] = settings['apis'] as Record<string, unknown>[];
      Object.assign(api!, {
        openapi,
        overlay,
        references: [`file:${folder}`],
        filter: { tags: ['items'], deprecated: false },
        overrides: {
          listItems: { name: 'find', arguments: { limit: { hidden: true, value: 50 } }, response: { projection: '$.items[*].id' } },
          'GET /items/{id}': { description: 'One item.', scopes: ['items:write'] },
        },
        results: { maxTokens: 100 },
      });
    },
  });
  token = await gateway.token();
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

describe('what an owner curates', () => {
  it('decides which tools there are and what they say', async () => {
    const tools = await listTools(gateway);
    expect(tools.map(({ name }) => name)).toEqual(['items_find', 'items_upload', 'items_getItem', 'items_elsewhere']);
    expect(tools[0]?.description).toContain('From the overlay');
    expect(tools[0]?.inputSchema.properties).toEqual({ kind: { $ref: expect.stringMatching(/^#\/\$defs\//) } });
    expect(JSON.stringify(tools[0])).toContain('"enum":["a","b"]');
    expect(tools[2]?.description).toBe('One item.');
  });

  it('hides an argument and sends its fixed value', async () => {
    gateway.upstream.answerWith(() => ({ body: '{"items":[{"id":9007199254740993,"secret":"x"}]}' }));
    const answer = await gateway.call(token, 'items_find', { kind: 'a' });
    expect(gateway.upstream.last).toMatchObject({ path: '/v1/items', query: 'limit=50&kind=a' });
    expect(answer.result?.content).toEqual([{ type: 'text', text: '[9007199254740993]' }]);
    expect((await gateway.call(token, 'items_find', { limit: 5 })).result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('Unknown argument "limit"') }] });
  });

  it('R08: shows nothing of an answer that the projection does not cover', async () => {
    gateway.upstream.answerWith(() => ({ status: 422, body: '{"detail":"the iban of somebody"}' }));
    expect(JSON.stringify(await gateway.call(token, 'items_find', {}))).not.toContain('iban');
  });

  it('R07: bounds a result and says how to go on', async () => {
    gateway.upstream.answerWith(() => ({ body: JSON.stringify({ items: Array.from({ length: 500 }, (_, id) => ({ id })) }) }));
    const { result } = await gateway.call(token, 'items_getItem', { id: 1 });
    expect(result?.content?.[0]?.text.length).toBeLessThanOrEqual(400);
    expect(result?.content?.[1]?.text).toMatch(/^\[Shortened to fit: \d+ of 500 items of \$\["items"\]\./);
  });

  it('W13: sends a file as bytes', async () => {
    gateway.upstream.answerWith(() => ({}));
    const data = Buffer.from([0, 255, 13, 10]).toString('base64');
    await gateway.call(token, 'items_upload', { file: { data, filename: 'a.bin' }, note: 'n' });
    const { headers, body } = gateway.upstream.last;
    const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(String(headers['content-type']))?.[1] ?? '';
    const expected = Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`),
      Buffer.from([0, 255, 13, 10]),
      Buffer.from(`\r\n--${boundary}\r\nContent-Disposition: form-data; name="note"\r\n\r\nn\r\n--${boundary}--\r\n`),
    ]);
    expect(body.equals(expected)).toBe(true);
  });

  it('W16: keeps every digit of an integer on its way to the API', async () => {
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"items_getItem","arguments":{"id":9007199254740993}}}';
    await gateway.post(body, { token });
    expect(gateway.upstream.last.path).toBe('/v1/items/9007199254740993');
  });

  it('W18: gives no token to a server that only the document names', async () => {
    const seen = gateway.upstream.requests.length;
    const answer = await gateway.call(token, 'items_elsewhere', {});
    expect(answer.result).toMatchObject({ isError: true, content: [{ text: 'API "items": the operation has a server of its own, files.example, which egress.allow does not list' }] });
    expect(gateway.upstream.requests).toHaveLength(seen);
  });

  it('W22, decisions 6 and 9: sends its default, takes nested arguments, and the body in the type that a call asks for', async () => {
    gateway.upstream.answerWith(() => ({}));
    const form = 'application/x-www-form-urlencoded';
    const schema = { type: 'object', properties: { name: { type: 'string' } } };
    const create = { operationId: 'create', parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer' } }], requestBody: { content: { 'application/json': { schema }, [form]: { schema } } }, responses: {} };
    await gateway.apply((settings) => {
      const apis = settings['apis'] as Record<string, unknown>[];
      const laidOut = { argumentMode: 'nested', contentTypeArgument: true, overrides: { create: { arguments: { limit: { default: 50 } } } } };
      apis.push({ ...apis[0], name: 'nested', openapi: JSON.stringify({ openapi: '3.1.0', paths: { '/x': { post: create } } }), overlay: [], filter: { methods: ['post'] }, ...laidOut });
    });
    const tool = (await listTools(gateway)).find(({ name }) => name === 'nested_create');
    expect(tool?.inputSchema.properties).toEqual({
      query: { type: 'object', properties: { limit: { type: 'integer', default: 50 } }, additionalProperties: false },
      body: { ...schema, additionalProperties: false },
      content_type: expect.objectContaining({ enum: ['application/json', form], default: 'application/json' }),
    });
    await gateway.call(token, 'nested_create', { body: { name: 'a b' }, content_type: form });
    expect(gateway.upstream.last).toMatchObject({ path: '/v1/x', query: 'limit=50', headers: { 'content-type': form } });
    expect(gateway.upstream.last.body.toString()).toBe('name=a+b');
  });

  it('takes a document whose text stands in the configuration', async () => {
    await gateway.apply((settings) => {
      const apis = settings['apis'] as Record<string, unknown>[];
      apis.push({ ...apis[0], name: 'inline', openapi: JSON.stringify({ openapi: '3.1.0', paths: { '/x': { get: { operationId: 'x', responses: {} } } } }), overlay: [], overrides: {}, filter: { methods: ['get'] } });
    });
    expect((await listTools(gateway)).map(({ name }) => name)).toContain('inline_x');
  });
});

describe('a mistake in curation refuses the configuration', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['an override of nothing', { overrides: { nothing: { name: 'x' } } }, /apis\[0\]\.overrides: .*nothing/],
    ['a default that its argument does not take', { overrides: { listItems: { arguments: { limit: { default: 'many' } } } } }, /apis\[0\]\.overrides: GET \/items: "arguments\.limit\.default" does not fit and was ignored: Argument "limit" must be of type integer/],
    ['an override of an argument that is not there', { overrides: { listItems: { arguments: { limits: { default: 5 } } } } }, /apis\[0\]\.overrides: GET \/items: The operation has no argument "limits"/],
    ['a default for a hidden argument', { overrides: { listItems: { arguments: { limit: { hidden: true, value: 1, default: 5 } } } } }, /apis\[0\]\.overrides\.listItems: "arguments\.limit\.default" is for an argument that is shown/],
    ['an unknown layout of arguments', { argumentMode: 'deep' }, /apis\[0\]\.argumentMode: /],
    ['a switch that is no switch', { overrides: { listItems: { contentTypeArgument: 1 } } }, /apis\[0\]\.overrides\.listItems: "contentTypeArgument" must be true or false/],
    ['an unknown field', { overrides: { listItems: { nmae: 'x' } } }, /apis\[0\]\.overrides\.listItems: "nmae" is no known field/],
    ['a projection that is none', { overrides: { listItems: { response: { projection: '$[' } } } }, /apis\[0\]\.overrides\.listItems: response\.projection: "\$\[" is not a JSONPath/],
    ['an unknown profile', { profile: 'nobody' }, /apis\[0\]\.profile: must be one of default, /],
    ['refresh of a file', { refresh: '1h' }, /apis\[0\]\.refresh: is for a document at an http\(s\) URL/],
    ['a missing overlay', { overlay: 'file:/nowhere/overlay.yaml' }, /apis\[0\]\.overlay: .*does not exist/],
    ['an unknown filter', { filter: { tag: ['x'] } }, /apis\[0\]\.filter\.tag: unknown key/],
  ])('%s', async (_, change, message) => {
    const before = await listTools(gateway);
    let undo: Record<string, unknown> = {};
    const attempt = gateway.apply((settings) => {
      const [api] = settings['apis'] as Record<string, unknown>[];
      undo = { ...api };
      Object.assign(api!, change);
    });
    await expect(attempt).rejects.toThrow(message);
    await gateway.apply((settings) => {
      const apis = settings['apis'] as Record<string, unknown>[];
      apis[0] = undo;
    });
    expect(await listTools(gateway)).toEqual(before);
  });
});
