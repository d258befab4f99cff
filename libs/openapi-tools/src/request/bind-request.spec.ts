import { describe, expect, it } from '@jest/globals';
import { ArgumentError } from '../arguments/argument.error.js';
import { bindRequest } from './bind-request.js';
import { compileOperation, type CompiledOperation } from '../tool/compile-operation.js';
import { DocumentError } from '../document/document.error.js';
import { indexOperations } from '../operation/index-operations.js';
import { ownObject, type JsonValue } from '../json.js';
import { loadDocument } from '../document/load-document.js';

type Given = Record<string, JsonValue>;

function compile(path: string, method: string, operation: Record<string, unknown>, extra: Record<string, unknown> = {}, url?: string): CompiledOperation {
  const document = loadDocument(JSON.stringify({ openapi: '3.1.0', paths: { [path]: { [method]: operation } }, ...extra }), url === undefined ? {} : { url });
  const [found] = indexOperations(document).operations;
  if (found === undefined) throw new Error('skipped');
  return compileOperation(document, found);
}

const keysOf = (compiled: CompiledOperation) => Object.keys(ownObject(compiled.tool.inputSchema, 'properties') ?? {});
const bind = (compiled: CompiledOperation, args: Given) => bindRequest(compiled, args, { baseUrl: 'https://api.example' });
const queryOf = (parameter: Record<string, unknown>, value: JsonValue): string => bind(compile('/a', 'get', { parameters: [{ name: 'q', in: 'query', ...parameter }] }), { q: value }).url.search;
const headerOf = (parameter: Record<string, unknown>, value: JsonValue): string | undefined =>
  bind(compile('/a', 'get', { parameters: [{ name: 'X-H', in: 'header', ...parameter }] }), { 'X-H': value }).headers.find(([name]) => name === 'x-h')?.[1];
const bodyOf = (requestBody: Record<string, unknown>, args: Given) => bind(compile('/a', 'post', { requestBody }), args).body;
const jsonBody = (schema: unknown, required = true) => ({ required, content: { 'application/json': { schema } } });

describe('query parameters', () => {
  it.each<[Record<string, unknown>, JsonValue, string]>([
    [{}, 'a b&c=d+e', '?q=a%20b%26c%3Dd%2Be'],
    [{}, 'größe €', '?q=gr%C3%B6%C3%9Fe%20%E2%82%AC'],
    [{}, '', '?q='],
    [{}, 0, '?q=0'],
    [{}, false, '?q=false'],
    [{}, null, ''],
    [{}, ['a', 'b,c'], '?q=a&q=b%2Cc'],
    [{}, [], ''],
    [{}, [null, 'a'], '?q=a'],
    [{ explode: false }, ['a', 'b,c'], '?q=a,b%2Cc'],
    [{}, { R: 100, G: 'x y' }, '?R=100&G=x%20y'],
    [{ explode: false }, { R: 100, G: 200 }, '?q=R,100,G,200'],
    [{ style: 'spaceDelimited', explode: false }, ['a', 'b'], '?q=a%20b'],
    [{ style: 'pipeDelimited', explode: false }, ['a', 'b'], '?q=a%7Cb'],
    [{ style: 'deepObject' }, { a: 1, b: 'x y' }, '?q%5Ba%5D=1&q%5Bb%5D=x%20y'],
  ])('W04, W10: %j of %j is sent as %s', (parameter, value, expected) => {
    expect(queryOf(parameter, value)).toBe(expected);
  });

  it('W05: nested deepObject, arrays of scalars and of objects', () => {
    const parameter = { style: 'deepObject', explode: true };
    expect(decodeURIComponent(queryOf(parameter, { a: { b: { c: 1 } }, gone: null }))).toBe('?q[a][b][c]=1');
    expect(decodeURIComponent(queryOf(parameter, { ids: [1, 2] }))).toBe('?q[ids][]=1&q[ids][]=2');
    expect(decodeURIComponent(queryOf(parameter, { rows: [{ x: 1 }, { x: 2 }] }))).toBe('?q[rows][0][x]=1&q[rows][1][x]=2');
  });

  it('W06: a content parameter is JSON text, percent-encoded', () => {
    expect(queryOf({ content: { 'application/json': { schema: { type: 'object' } } } }, { a: ['x', null] })).toBe('?q=%7B%22a%22%3A%5B%22x%22%2Cnull%5D%7D');
    expect(queryOf({ content: { 'application/json': {} } }, null)).toBe('?q=null');
  });

  it('N05: the exact name is on the wire, percent-encoded', () => {
    const compiled = compile('/a', 'get', { parameters: ['$select', 'ids[]', 'page[size]'].map((name) => ({ name, in: 'query', schema: {} })) });
    expect(keysOf(compiled)).toEqual(['select', 'ids', 'page_size']);
    expect(bind(compiled, { select: 'x', ids: [1, 2], page_size: 5 }).url.search).toBe('?%24select=x&ids%5B%5D=1&ids%5B%5D=2&page%5Bsize%5D=5');
  });

  it('W22: a default of the document is not sent', () => {
    const compiled = compile('/a', 'get', { parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', default: 10 } }] });
    expect(compiled.validate({})).toEqual({ ok: true, args: {} });
    expect(bind(compiled, {}).url.href).toBe('https://api.example/a');
  });

  it('W03: one name in path, query, header, cookie and body reaches five places', () => {
    const compiled = compile('/a/{id}', 'post', {
      parameters: ['path', 'query', 'header', 'cookie'].map((location) => ({ name: 'id', in: location, required: true, schema: { type: 'string' } })),
      requestBody: jsonBody({ type: 'object', properties: { id: { type: 'string' } } }),
    });
    const request = bind(compiled, { id__path: 'p', id__query: 'q', id__header: 'h', id__cookie: 'c', id: 'b' });
    expect([request.url.href, request.headers, request.body]).toEqual([
      'https://api.example/a/p?id=q',
      [['accept', 'application/json, */*;q=0.1'], ['id', 'h'], ['cookie', 'id=c'], ['content-type', 'application/json']],
      '{"id":"b"}',
    ]);
  });
});

describe('path templates', () => {
  it('a query in the path key stays a query, a fragment is never sent', () => {
    const parameters = [{ name: 'q', in: 'query' }];
    expect(bind(compile('/soap?action=a b', 'get', { parameters }), { q: 1 }).url.href).toBe('https://api.example/soap?action=a%20b&q=1');
    const compiled = compile('/x#y', 'get', {});
    expect(bind(compiled, {}).url.href).toBe('https://api.example/x');
    expect(compiled.repairs.map(({ code }) => code)).toEqual(['fragment-in-path']);
  });

  it('literal text is encoded once and a trailing slash is kept', () => {
    expect(bind(compile('/a b/ü/%7Ex/', 'get', {}), {}).url.href).toBe('https://api.example/a%20b/%C3%BC/%7Ex/');
    expect(bind(compile('/', 'get', {}), {}).url.href).toBe('https://api.example/');
  });

  it('an undeclared expression becomes a string argument, an unused path parameter none', () => {
    const compiled = compile('/a/{id}', 'get', { parameters: [{ name: 'other', in: 'path', required: true }] });
    expect(keysOf(compiled)).toEqual(['id']);
    expect(compiled.repairs.map(({ code }) => code)).toEqual(['unused-path-parameter', 'undeclared-path-parameter']);
    expect(() => bind(compiled, {})).toThrow(expect.objectContaining({ argument: 'id' }));
  });
});

describe('header parameters', () => {
  it.each<[Record<string, unknown>, JsonValue, string]>([
    [{}, 5, '5'],
    [{}, true, 'true'],
    [{}, 'é', 'é'],
    [{}, ['a', 'b'], 'a,b'],
    [{}, { R: 100, G: 200 }, 'R,100,G,200'],
    [{ explode: true }, { R: 100, G: 200 }, 'R=100,G=200'],
    [{ content: { 'application/json': {} } }, { a: 1 }, '{"a":1}'],
  ])('W07: %j of %j is %s', (parameter, value, expected) => {
    expect(headerOf(parameter, value)).toBe(expected);
  });

  it.each(['a\r\nX-Evil: 1', 'a\nb', 'a\rb', 'a\u0000b', 'a\u007f', '€', '😀', 'a\u0085b'])('W07: %j is refused', (value) => {
    expect(() => headerOf({}, value)).toThrow(ArgumentError);
    expect(() => headerOf({}, [value])).toThrow(ArgumentError);
    expect(() => headerOf({}, { k: value })).toThrow(ArgumentError);
  });

  it('W08: protected headers and credentials never become arguments', () => {
    const names = [
      'Authorization', 'Host', 'Cookie', 'Content-Length', 'Transfer-Encoding', 'Connection', 'TE', 'Upgrade', 'Forwarded', 'Accept',
      'Content-Type', 'X-Forwarded-For', 'x-forwarded-host', 'Keep-Alive', 'Proxy-Authorization', 'Trailer', 'X-API-KEY', 'bad name', 'bad\r\nname',
    ];
    const compiled = compile(
      '/a',
      'get',
      { parameters: [...names.map((name) => ({ name, in: 'header', required: true, schema: { type: 'string' } })), { name: 'api_key', in: 'query' }, { name: 'X-Trace', in: 'header' }] },
      { components: { securitySchemes: { k: { type: 'apiKey', in: 'header', name: 'x-api-key' }, q: { type: 'apiKey', in: 'query', name: 'api_key' } } } },
    );
    expect(keysOf(compiled)).toEqual(['X-Trace']);
    expect(bind(compiled, {}).headers.map(([name]) => name)).toEqual(['accept']);
  });

  it('an object in the query cannot set the API\'s key', () => {
    const compiled = compile('/a', 'get', { parameters: [{ name: 'f', in: 'query', schema: { type: 'object' } }] }, { components: { securitySchemes: { q: { type: 'apiKey', in: 'query', name: 'api_key' } } } });
    expect(() => bind(compiled, { f: { api_key: 'x' } })).toThrow(ArgumentError);
  });
});

describe('bodies (W11)', () => {
  it.each<[string, unknown, Given, string | undefined]>([
    ['object', { type: 'object', properties: { a: {}, b: {} } }, { b: 1, a: null }, '{"b":1,"a":null}'],
    ['required object without members', { type: 'object', properties: { a: {} } }, {}, '{}'],
    ['array', { type: 'array', items: {} }, { body: [1, null] }, '[1,null]'],
    ['empty array', { type: 'array', items: {} }, { body: [] }, '[]'],
    ['string', { type: 'string' }, { body: 'ä"' }, '"ä\\""'],
    ['number', { type: 'number' }, { body: 0 }, '0'],
    ['null', {}, { body: null }, 'null'],
    ['{}', {}, { body: {} }, '{}'],
    ['false', {}, { body: false }, 'false'],
  ])('%s is sent exactly', (_what, schema, args, expected) => {
    expect(bodyOf(jsonBody(schema), args)).toBe(expected);
  });

  it('an absent optional body is absent, with no content type', () => {
    for (const schema of [{}, { type: 'object', properties: { a: {} } }]) {
      const request = bind(compile('/a', 'post', { requestBody: jsonBody(schema, false) }), {});
      expect(request.body).toBeUndefined();
      expect(request.headers.map(([name]) => name)).toEqual(['accept']);
    }
    expect(bodyOf(jsonBody({ type: 'object', properties: { a: {} } }, false), { a: null })).toBe('{"a":null}');
  });

  it('a required body that is missing is refused by name', () => {
    expect(() => bodyOf(jsonBody({ type: 'array', items: {} }), {})).toThrow(expect.objectContaining({ argument: 'body' }));
  });

  it('S11: __proto__ and friends arrive as data', () => {
    const compiled = compile('/a', 'post', { requestBody: jsonBody(JSON.parse('{"type":"object","properties":{"__proto__":{},"constructor":{},"toString":{}}}')) });
    expect(keysOf(compiled).sort()).toEqual(['constructor', 'proto', 'toString']);
    expect(bind(compiled, { proto: { x: 1 }, constructor: 'c' }).body).toBe('{"__proto__":{"x":1},"constructor":"c"}');
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });

  it('properties that the schema leaves open go into the body as they are; parameters do not', () => {
    const compiled = compile('/a', 'post', { parameters: [{ name: 'q', in: 'query' }], requestBody: jsonBody({ type: 'object', properties: { 'a[b]': {} }, additionalProperties: { type: 'string' } }) });
    expect(compiled.validate({ q: 'x', extra: 'y' }).ok).toBe(true);
    expect(compiled.validate({ extra: 1 }).ok).toBe(false);
    expect(bind(compiled, { q: 'x', a_b: 1, extra: 'y' }).body).toBe('{"a[b]":1,"extra":"y"}');
  });

  it.each([
    [['application/xml', 'application/json; charset=utf-8'], 'application/json; charset=utf-8'],
    [['text/plain', 'application/vnd.api+json'], 'application/vnd.api+json'],
    [['application/json-patch+json', 'application/merge-patch+json'], 'application/merge-patch+json'],
    [['multipart/form-data', '*/*'], 'application/json'],
  ])('of %j it takes %s', (types, expected) => {
    const compiled = compile('/a', 'post', { requestBody: { required: true, content: Object.fromEntries(types.map((type) => [type, {}])) } });
    expect(bind(compiled, { body: 1 }).headers).toContainEqual(['content-type', expected]);
    expect(compiled.bodyMediaType).toBe(expected);
  });
});

const urlOf = (servers: { operation?: unknown; document?: unknown }, baseUrl?: string, documentUrl?: string): string => {
  const compiled = compile('/a', 'get', servers.operation === undefined ? {} : { servers: servers.operation }, servers.document === undefined ? {} : { servers: servers.document }, documentUrl);
  return bindRequest(compiled, {}, baseUrl === undefined ? {} : { baseUrl }).url.href;
};

describe('servers', () => {
  it('W18: operation over document, relative against the import URL, variables by default, override over all', () => {
    const document = [{ url: 'https://doc.example/v1' }];
    expect(urlOf({ document })).toBe('https://doc.example/v1/a');
    expect(urlOf({ document, operation: [{ url: 'https://op.example' }] })).toBe('https://op.example/a');
    expect(urlOf({ document, operation: [{ url: 'https://op.example' }] }, 'https://mine.example/x')).toBe('https://op.example/a');
    expect(urlOf({ document }, 'https://mine.example/x')).toBe('https://mine.example/x/a');
    expect(urlOf({ document: [{ url: '/v2' }] }, undefined, 'https://src.example/docs/openapi.json')).toBe('https://src.example/v2/a');
    expect(urlOf({ document: [{ url: '../v3' }] }, undefined, 'https://src.example/docs/x/openapi.json')).toBe('https://src.example/docs/v3/a');
    expect(urlOf({}, undefined, 'https://src.example/docs/openapi.json')).toBe('https://src.example/a');
    const variables = { region: { default: 'eu', enum: ['eu', 'us'] }, version: { default: 'v1' } };
    expect(urlOf({ document: [{ url: 'https://{region}.example/{version}', variables }] })).toBe('https://eu.example/v1/a');
  });

  it.each([
    ['no servers and no import URL', undefined],
    ['relative without import URL', [{ url: '/v1' }]],
    ['default outside its enum', [{ url: 'https://{r}.example', variables: { r: { default: 'x', enum: ['y'] } } }]],
    ['undeclared variable', [{ url: 'https://{r}.example' }]],
    ['file', [{ url: 'file:///etc/passwd' }]],
    ['javascript', [{ url: 'javascript:alert(1)' }]],
    ['with credentials', [{ url: 'https://user:pw@host.example' }]],
  ])('attack 14, W18: %s gives no server, which is said, and an override serves', (_what, document) => {
    expect(() => urlOf({ document })).toThrow(DocumentError);
    expect(urlOf({ document }, 'http://127.0.0.1:8080')).toBe('http://127.0.0.1:8080/a');
  });

  it.each([
    ['https://h.example/api/', 'https://h.example/api/a'],
    ['https://h.example/api//', 'https://h.example/api/a'],
    ['https://h.example', 'https://h.example/a'],
    ['https://h.example:8443/x/y', 'https://h.example:8443/x/y/a'],
    ['https://h.example/api?version=1', 'https://h.example/api/a?version=1'],
    ['https://h.example/a b/é', 'https://h.example/a%20b/%C3%A9/a'],
    ['https://h.example/x/../y/', 'https://h.example/y/a'],
  ])('W19: %s is joined as %s', (baseUrl, expected) => {
    expect(urlOf({}, baseUrl)).toBe(expected);
  });
});
