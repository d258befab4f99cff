import { describe, expect, it } from '@jest/globals';
import { indexOperations } from '../operation/index-operations.js';
import { compileOperation } from '../tool/compile-operation.js';
import { loadDocument, type LoadOptions } from './load-document.js';

const load = (extra: Record<string, unknown>, options: LoadOptions = {}) =>
  loadDocument(JSON.stringify({ swagger: '2.0', info: { title: 'T', version: '1' }, ...extra }), options);

function only(extra: Record<string, unknown>, options?: LoadOptions) {
  const document = load(extra, options);
  const [operation] = indexOperations(document).operations;
  if (operation === undefined) throw new Error('no operation');
  return { document, operation, view: document.view };
}
const post = (definition: Record<string, unknown>, extra: Record<string, unknown> = {}) => only({ paths: { '/a': { post: { responses: {}, ...definition } } }, ...extra });

describe('L09: Swagger 2.0 seen as OpenAPI 3', () => {
  it.each(['"2.0"', '2.0', '2'])('loads with swagger: %s', (version) => {
    const document = loadDocument(`swagger: ${version}\ninfo: {title: T, version: "1"}\npaths:\n  /a:\n    get: {responses: {}}\n`);
    expect(document.openapi).toBe('2.0');
    expect(indexOperations(document).operations.map(({ key }) => key)).toEqual(['GET /a']);
  });

  it('a parameter\'s keywords become its schema, by reference too, and the path\'s parameters come first', () => {
    const { operation, view } = only({
      parameters: { Limit: { name: 'limit', in: 'query', type: 'integer', maximum: 9, description: 'How many' } },
      paths: {
        '/a/{id}': {
          parameters: [{ name: 'id', in: 'path', required: true, type: 'string', enum: ['x'], 'x-nullable': true }],
          get: { parameters: [{ $ref: '#/parameters/Limit' }, { $ref: '#/parameters/None' }], responses: {} },
        },
      },
    });
    expect(view.parameters(operation)).toEqual([
      { value: { name: 'id', in: 'path', required: true, schema: { type: 'string', enum: ['x'], 'x-nullable': true } }, at: '/paths/~1a~1{id}/parameters/0', isShared: true },
      { value: { name: 'limit', in: 'query', description: 'How many', schema: { type: 'integer', maximum: 9 } }, at: '/parameters/Limit', isShared: true },
      { value: { $ref: '#/parameters/None' }, at: '/paths/~1a~1{id}/get/parameters/1', isShared: false },
    ]);
  });

  it.each([
    ['query', undefined, 'form', false],
    ['query', 'csv', 'form', false],
    ['query', 'multi', 'form', true],
    ['query', 'ssv', 'spaceDelimited', false],
    ['query', 'pipes', 'pipeDelimited', false],
    ['path', 'csv', 'simple', false],
    ['header', undefined, 'simple', false],
  ])('collectionFormat in %s: %s is style %s, explode %s', (location, collectionFormat, style, explode) => {
    const { operation, view } = post({ parameters: [{ name: 'a', in: location, type: 'array', items: { type: 'string' }, ...(collectionFormat && { collectionFormat }) }] });
    expect(view.parameters(operation)[0]?.value).toMatchObject({ style, explode, schema: { type: 'array', items: { type: 'string' } } });
  });

  it('tsv is a style that 3.x does not have, and is sent so', () => {
    const { document, operation, view } = post({ parameters: [{ name: 'a', in: 'query', type: 'array', collectionFormat: 'tsv' }] });
    expect(view.parameters(operation)[0]?.value).toMatchObject({ style: 'tabDelimited', explode: false });
    const { binding, repairs } = compileOperation(document, operation);
    expect(repairs.map(({ code }) => code)).not.toContain('invalid-parameter');
    expect(binding.parameters[0]).toMatchObject({ style: 'tabDelimited', explode: false });
  });

  it('the styles of collectionFormat are none of a 3.x document', () => {
    const document = loadDocument(JSON.stringify({ openapi: '3.0.4', paths: { '/a': { get: { parameters: [{ name: 'a', in: 'query', style: 'tabDelimited', schema: { type: 'array' } }], responses: {} } } } }));
    const { binding, repairs } = compileOperation(document, indexOperations(document).operations[0]!);
    expect(repairs.map(({ code }) => code)).toContain('invalid-parameter');
    expect(binding.parameters[0]).toMatchObject({ style: 'form' });
  });

  it('a body takes its media types from the operation, else the document, else JSON', () => {
    const body = { parameters: [{ name: 'b', in: 'body', required: true, description: 'The pet', schema: { $ref: '#/definitions/Pet' } }] };
    const typesOf = (definition: Record<string, unknown>, extra = {}) => {
      const { operation, view } = post({ ...body, ...definition }, extra);
      return view.requestBody(operation)?.value;
    };
    const media = { schema: { $ref: '#/definitions/Pet' } };
    expect(typesOf({})).toEqual({ description: 'The pet', required: true, content: { 'application/json': media } });
    expect(typesOf({}, { consumes: ['application/xml', 'text/json'] })).toMatchObject({ content: { 'application/xml': media, 'text/json': media } });
    expect(typesOf({ consumes: ['application/merge-patch+json'] }, { consumes: ['application/xml'] })).toEqual({ description: 'The pet', required: true, content: { 'application/merge-patch+json': media } });
    expect(typesOf({ consumes: [] }, { consumes: ['application/xml'] })).toMatchObject({ content: { 'application/json': media } });
  });

  it('the operation\'s body parameter overrides its path\'s', () => {
    const body = (name: string) => ({ name, in: 'body', schema: { title: name } });
    const { operation, view } = only({ paths: { '/a': { parameters: [body('path')], post: { parameters: [body('operation')], responses: {} } } } });
    expect(view.requestBody(operation)?.value).toMatchObject({ content: { 'application/json': { schema: { title: 'operation' } } } });
    expect(view.parameters(operation)).toEqual([]);
  });

  it('form fields become one body with an encoding for their arrays; a file makes it multipart', () => {
    const fields = [
      { name: 'tags', in: 'formData', type: 'array', items: { type: 'string' }, collectionFormat: 'multi', required: true },
      { name: 'note', in: 'formData', type: 'string', description: 'A note' },
    ];
    const properties = { tags: { type: 'array', items: { type: 'string' } }, note: { type: 'string', description: 'A note' } };
    const form = post({ parameters: fields });
    expect(form.view.requestBody(form.operation)?.value).toEqual({
      required: true,
      content: { 'application/x-www-form-urlencoded': { schema: { type: 'object', properties, required: ['tags'] }, encoding: { tags: { style: 'form', explode: true } } } },
    });
    const said = post({ parameters: fields, consumes: ['multipart/form-data'] });
    expect(said.view.requestBody(said.operation)?.value).toHaveProperty(['content', 'multipart/form-data']);
    const file = post({ consumes: ['application/x-www-form-urlencoded'], parameters: [...fields, { name: 'f', in: 'formData', type: 'file' }] });
    expect(file.view.requestBody(file.operation)?.value).toMatchObject({ content: { 'multipart/form-data': { schema: { properties: { f: { type: 'string', format: 'binary' } } } } } });
    expect(file.view.requestBody(file.operation)?.value).not.toHaveProperty(['content', 'application/x-www-form-urlencoded']);
  });

  it('responses get their content from produces, by reference too; a file is binary', () => {
    const { operation, view } = post(
      { produces: ['text/csv'], responses: { 200: { $ref: '#/responses/Ok' }, 204: { description: 'none' }, 400: { $ref: '#/responses/None' }, default: { description: 'f', schema: { type: 'file' } }, 'x-a': 1 } },
      { responses: { Ok: { description: 'ok', schema: { $ref: '#/definitions/A' }, headers: { 'X-Rate': { type: 'integer', description: 'r' } } } } },
    );
    expect(Object.fromEntries(view.responses(operation).map(([status, { value }]) => [status, value]))).toEqual({
      200: { description: 'ok', headers: { 'X-Rate': { in: 'header', description: 'r', schema: { type: 'integer' } } }, content: { 'text/csv': { schema: { $ref: '#/definitions/A' } } } },
      204: { description: 'none', headers: {} },
      400: { $ref: '#/responses/None' },
      default: { description: 'f', headers: {}, content: { 'text/csv': { schema: { type: 'string', format: 'binary' } } } },
    });
  });

  it.each([
    ['https first', { host: 'h.example', basePath: '/v1', schemes: ['http', 'https'] }, ['https://h.example/v1', 'http://h.example/v1']],
    ['the only scheme', { host: 'h.example:8080', schemes: ['http'] }, ['http://h.example:8080']],
    ['web sockets are no servers', { host: 'h.example', schemes: ['wss'] }, ['https://h.example']],
    ['a scheme in host', { host: 'https://h.example', basePath: 'v1' }, ['https://h.example/v1']],
    ['no host: relative', { basePath: '/v1' }, ['/v1']],
    ['nothing', {}, ['/']],
  ])('W18: servers from host, basePath and schemes: %s', (_what, extra, urls) => {
    expect(load(extra).view.servers().servers).toEqual(urls.map((url) => ({ url })));
  });

  it('the scheme is the document\'s where none is listed, and an operation\'s schemes count', () => {
    const { operation, view } = only({ host: 'h.example', paths: { '/a': { get: { schemes: ['http'], responses: {} } } } }, { url: 'https://docs.example/s.json' });
    expect(view.servers(operation)).toEqual({ servers: [{ url: 'http://h.example' }], isDefault: true });
    expect(load({ host: 'h.example' }, { url: 'http://docs.example/s.json' }).view.servers().servers).toEqual([{ url: 'http://h.example' }]);
  });

  it('W23: security definitions have the shapes of 3.x, and scopes are required as there', () => {
    const oauth = (flow: string) => ({ type: 'oauth2', flow, authorizationUrl: 'https://a.example', tokenUrl: 'https://t.example', scopes: { r: 'read' } });
    const { document, operation } = only({
      securityDefinitions: { basic: { type: 'basic' }, key: { type: 'apiKey', in: 'query', name: 'k' }, code: oauth('accessCode'), app: oauth('application') },
      paths: { '/a': { get: { security: [{ code: ['r'] }, { basic: [], key: [] }], responses: {} } } },
    });
    const flow = { authorizationUrl: 'https://a.example', tokenUrl: 'https://t.example', scopes: { r: 'read' } };
    expect(Object.fromEntries(document.view.securitySchemes)).toEqual({
      basic: { type: 'http', scheme: 'basic' },
      key: { type: 'apiKey', in: 'query', name: 'k' },
      code: { type: 'oauth2', flows: { authorizationCode: flow } },
      app: { type: 'oauth2', flows: { clientCredentials: flow } },
    });
    expect(operation.security).toEqual([['r']]);
    expect(operation.credentials).toEqual([
      [{ scheme: 'code', kind: 'oauth2', scopes: ['r'] }],
      [{ scheme: 'basic', kind: 'http-basic', scopes: [] }, { scheme: 'key', kind: 'apiKey', in: 'query', name: 'k', scopes: [] }],
    ]);
  });

  it('L15: broken parameters and responses crash nothing', () => {
    const { operation, view } = post({ parameters: [null, 7, { in: 'body' }, { in: 'formData' }, {}], responses: { 200: null, 201: { schema: null } } });
    expect(() => [view.parameters(operation), view.requestBody(operation), view.responses(operation)]).not.toThrow();
  });
});
