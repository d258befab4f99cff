import { threadTime } from '@gatehouse-mcp/testing';
import { describe, expect, it } from '@jest/globals';
import { DocumentError } from './document.error.js';
import { indexOperations } from '../operation/index-operations.js';
import { loadDocument } from './load-document.js';
import { compileOperation } from '../tool/compile-operation.js';

function failure(text: string | Uint8Array, maxBytes?: number): DocumentError {
  try {
    loadDocument(text, maxBytes === undefined ? {} : { maxBytes });
  } catch (error) {
    if (error instanceof DocumentError) return error;
    throw error;
  }
  throw new Error('loaded');
}

const minimal = 'openapi: 3.0.3\ninfo: {title: T, version: "1"}\npaths: {}\n';

describe('loadDocument: what cannot be used is said clearly', () => {
  it.each([
    ['nothing', '', 'empty', /empty/],
    ['white space and a byte order mark', '\uFEFF \n\t', 'empty', /empty/],
    ['an HTML page', '<!DOCTYPE html><html><body>Sign in</body></html>', 'not_a_document', /HTML page/],
    ['XML', '<?xml version="1.0"?><a/>', 'not_a_document', /XML/],
    ['an array', '[1, 2]', 'not_an_object', /an array/],
    ['plain text', 'hello', 'not_an_object', /a single string/],
    ['JSON null', 'null', 'not_an_object', /empty/],
    ['an object of another kind', '{"name":"package"}', 'no_openapi_field', /no "openapi" field/],
    ['an inherited name as the only hope', '{"__proto__":{"openapi":"3.0.0"}}', 'no_openapi_field', /no "openapi" field/],
    ['Swagger 1.2', '{"swagger":"1.2","paths":{}}', 'unsupported_version', /"swagger" is "1.2".*2.0 is supported/],
    ['a version to come', '{"openapi":"4.0.0"}', 'unsupported_version', /"4.0.0"/],
    ['a version that is no text', '{"openapi":{}}', 'unsupported_version', /3.0, 3.1 and 3.2/],
    ['broken JSON with its place', '{"openapi":"3.0.0",\n "paths": {]}', 'syntax', /line 2, column 12/],
    ['cut JSON', '{"openapi":"3.0.0",\n "paths": {', 'syntax', /line 2/],
    ['broken YAML with its place', 'openapi: 3.0.0\npaths: "unclosed\n', 'syntax', /neither JSON nor YAML.*line \d+, column \d+/],
  ])('refuses %s', (_what, text, code, message) => {
    const error = failure(text);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('refuses a document over the limit, counted in bytes', () => {
    expect(failure('{"openapi":"3.0.0","x":"ääää"}', 33).code).toBe('too_large');
    expect(loadDocument('{"openapi":"3.0.0","x":"ääää"}', { maxBytes: 34 }).openapi).toBe('3.0.0');
  });

  it('L17: bounds a YAML alias bomb before anything walks it', () => {
    const levels = Array.from({ length: 12 }, (_, level) => `l${level + 1}: &l${level + 1} [${Array(10).fill(`*l${level}`).join(', ')}]`);
    const start = threadTime();
    expect(failure(`openapi: 3.0.0\nl0: &l0 [x, x]\n${levels.join('\n')}\n`).code).toBe('too_complex');
    expect(threadTime() - start).toBeLessThan(1_000);
  });

  it('L17: refuses an alias to its own parent', () => {
    expect(failure('openapi: 3.0.0\npaths: &a\n  /x: *a\n').code).toBe('too_complex');
  });

  it('L17: survives nesting of 100,000 levels in JSON and YAML', () => {
    const deep = '['.repeat(100_000);
    expect(failure(`openapi: 3.0.0\nx: ${deep}`)).toBeInstanceOf(DocumentError);
    const json = `{"openapi":"3.0.0","paths":{},"x":${deep}${']'.repeat(100_000)}}`;
    expect(indexOperations(loadDocument(json)).operations).toEqual([]);
  });
});

describe('loadDocument: real-world YAML and JSON (L12)', () => {
  it('reads integer keys, anchors, merge keys, dates and yes/no as an author means them', () => {
    const document = loadDocument(`
openapi: 3.1.0
info: {title: T, version: 1.10, x-date: 2024-01-02, x-flag: yes, x-on: on}
paths:
  /a:
    get: &get
      operationId: a
      responses:
        200: {description: ok}
    post:
      <<: *get
      operationId: b
`);
    expect(document.root['info']).toMatchObject({ 'x-date': '2024-01-02', 'x-flag': 'yes', 'x-on': 'on' });
    expect(indexOperations(document).operations.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(document.version).toBe('1.1');
  });

  it('takes the last of duplicate keys', () => {
    expect(loadDocument(`${minimal}x-a: 1\nx-a: 2\n`).root['x-a']).toBe(2);
  });

  it('reads tabs, which YAML forbids, through the lenient reader', () => {
    expect(loadDocument('openapi: 3.0.3\ninfo:\n\ttitle: T\n\tversion: "1"\npaths: {}\n').title).toBe('T');
  });

  it('reads unknown tags, a byte order mark, UTF-16, CRLF, and unquoted versions', () => {
    expect(loadDocument(`${minimal}x-a: !custom hello\n`).root['x-a']).toBe('hello');
    expect(loadDocument(`\uFEFF${minimal}`).openapi).toBe('3.0.3');
    expect(loadDocument(Buffer.from(`\uFEFF${minimal}`, 'utf16le')).openapi).toBe('3.0.3');
    expect(loadDocument(Buffer.from(`\uFEFF${minimal}`, 'utf8')).openapi).toBe('3.0.3');
    expect(loadDocument(minimal.replaceAll('\n', '\r\n')).openapi).toBe('3.0.3');
    expect(loadDocument('openapi: 3.1\npaths: {}').openapi).toBe('3.1');
  });

  it('reads flow-style YAML that only looks like JSON, and 1e400', () => {
    expect(loadDocument('{openapi: "3.0.0", /* no */ }'.replace('/* no */ ', '')).openapi).toBe('3.0.0');
    expect(loadDocument('{"openapi":"3.0.0","x":1e400}').root['x']).toBe(Infinity);
  });

  it('keeps a member called __proto__ as data and pollutes nothing (S11)', () => {
    for (const text of ['{"openapi":"3.0.0","__proto__":{"polluted":true}}', 'openapi: 3.0.0\n__proto__: {polluted: true}']) {
      const { root } = loadDocument(text);
      expect(Object.hasOwn(root, '__proto__')).toBe(true);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
      expect(Reflect.get(root, 'polluted')).toBeUndefined();
    }
  });
});

describe('loadDocument: 3.2 (L11)', () => {
  it('lists query and additionalOperations, and what 3.2 adds elsewhere crashes nothing', () => {
    const document = loadDocument(`
openapi: 3.2.0
$self: https://api.example/openapi
info: {title: T, version: "1", summary: S}
tags: [{name: a, parent: b, kind: nav}]
servers: [{url: /v1, name: main}]
paths:
  /search:
    query:
      operationId: search
      parameters: [{name: q, in: querystring, content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {n: {type: integer}}}}}}]
      requestBody: {content: {application/jsonl: {itemSchema: {type: object}}}}
      responses:
        200: {content: {text/event-stream: {itemSchema: {$ref: '#/components/schemas/Event'}}}}
    additionalOperations:
      COPY: {operationId: copy, responses: {default: {$ref: '#/components/responses/Done'}}}
      get: {operationId: lower}
  /self: {$ref: 'https://api.example/openapi#/components/pathItems/Self'}
components:
  schemas: {Event: {type: object}}
  responses: {Done: {summary: Done}}
  mediaTypes: {Lines: {itemSchema: {}}}
  pathItems: {Self: {get: {operationId: self, parameters: [{name: c, in: cookie, style: cookie, schema: {type: string}}]}}}
`, { url: 'https://docs.example/openapi.yaml' });
    const { operations, report } = indexOperations(document);
    expect(operations.map(({ key }) => key)).toEqual(['QUERY /search', 'COPY /search', 'GET /self']);
    expect(report.filter(({ status }) => status === 'skipped').map(({ key }) => key)).toEqual(['get /search']);
    for (const operation of operations) expect(compileOperation(document, operation).tool.inputSchema['type']).toBe('object');
    expect(document.view.responses(operations[0] ?? operations[1]!)[0]?.[1].value).toHaveProperty(['content', 'text/event-stream', 'itemSchema']);
  });
});

describe('loadDocument: size and depth', () => {
  it('L16: indexes 11,000 operations in well under two seconds', () => {
    const paths = Object.fromEntries(Array.from({ length: 11_000 }, (_, at) => [`/things/${at}/{id}`, { get: { operationId: `thing ${at}`, summary: `Thing ${at}`, responses: {} } }]));
    const text = JSON.stringify({ openapi: '3.0.0', info: { title: 'T', version: '1' }, paths });
    const start = threadTime();
    expect(indexOperations(loadDocument(text)).operations).toHaveLength(11_000);
    expect(threadTime() - start).toBeLessThan(2_000);
  });

  it('L17: follows a chain of 10,000 references in bounded steps and survives a million of them', () => {
    const chain = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`p${at}`, { $ref: `#/components/parameters/p${at + 1}` }]));
    const operation = { parameters: [{ $ref: '#/components/parameters/p0' }], responses: {} };
    const document = loadDocument(JSON.stringify({ openapi: '3.0.0', paths: { '/a': { get: operation } }, components: { parameters: chain } }));
    const [first] = indexOperations(document).operations;
    expect(compileOperation(document, first!).repairs.map(({ code }) => code)).toEqual(['dangling-ref']);
    const many = `{"openapi":"3.0.0","paths":{"/a":{"get":{"responses":{}}}},"components":{"schemas":{"A":{"allOf":[${Array(200_000).fill('{"$ref":"#/components/schemas/A"}').join(',')}]}}}}`;
    expect(indexOperations(loadDocument(many)).operations).toHaveLength(1);
  });

  it('L08: two loads of one text compile alike, and the document is as it was', () => {
    const text = JSON.stringify({ openapi: '3.1.0', paths: { '/a': { post: { requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } } }, responses: {} } } }, components: { schemas: { A: { type: 'object', properties: { a: { $ref: '#/components/schemas/A' } } } } } });
    const compile = () => {
      const document = loadDocument(text);
      const before = JSON.stringify(document.root);
      const tools = indexOperations(document).operations.map((operation) => compileOperation(document, operation).tool);
      expect(JSON.stringify(document.root)).toBe(before);
      return JSON.stringify(tools);
    };
    expect(compile()).toBe(compile());
  });
});

describe('loadDocument: references (L04, L05, L06)', () => {
  it('L05: resolves escaped pointers, into properties, through array indexes and through other references', () => {
    const document = loadDocument(JSON.stringify({
      openapi: '3.1.0',
      paths: { '/a/{id}': { get: { responses: {} } } },
      components: { schemas: { 'a/b~c d': { type: 'object', properties: { e: { anyOf: [{ type: 'string' }, { type: 'integer', maximum: 3 }] } } }, via: { $ref: '#/components/schemas/a~1b~0c%20d' } } },
    }));
    const { references } = document.definitions;
    const pointerOf = (reference: string) => {
      const found = references.resolve(reference);
      return found.kind === 'found' ? found.value : found.kind;
    };
    expect(pointerOf('#/components/schemas/a~1b~0c%20d/properties/e/anyOf/1')).toEqual({ type: 'integer', maximum: 3 });
    expect(pointerOf('#/components/schemas/via/properties/e/anyOf/0')).toEqual({ type: 'string' });
    expect(pointerOf('#/paths/~1a~1%7Bid%7D/get/responses')).toEqual({});
    expect(pointerOf('#/components/schemas/via/properties/e/anyOf/01')).toBe('dangling');
    expect(pointerOf('#/components/schemas/toString')).toBe('dangling');
  });

  it('L04: a dangling request body keeps its operation', () => {
    const document = loadDocument(JSON.stringify({ openapi: '3.0.0', paths: { '/a': { post: { requestBody: { $ref: '#/components/requestBodies/requestBody' }, responses: {} } } } }));
    const [operation] = indexOperations(document).operations;
    expect(compileOperation(document, operation!).repairs.map(({ code }) => code)).toContain('dangling-ref');
  });

  it('L02: cycles of path items, parameters, request bodies and responses end', () => {
    const loop = (kind: string) => ({ a: { $ref: `#/components/${kind}/b` }, b: { $ref: `#/components/${kind}/a` } });
    const document = loadDocument(JSON.stringify({
      openapi: '3.1.0',
      paths: {
        '/loop': { $ref: '#/paths/~1loop' },
        '/a': { post: { parameters: [{ $ref: '#/components/parameters/a' }], requestBody: { $ref: '#/components/requestBodies/a' }, responses: { 200: { $ref: '#/components/responses/a' } } } },
      },
      components: { parameters: loop('parameters'), requestBodies: loop('requestBodies'), responses: loop('responses') },
    }));
    const { operations, report } = indexOperations(document);
    expect(report.find(({ key }) => key === '/loop')?.status).toBe('skipped');
    expect(compileOperation(document, operations[0]!).repairs.map(({ code }) => code)).toContain('dangling-ref');
  });
});

describe('loadDocument: more YAML oddities (L12)', () => {
  it('reads CR line ends, a document marker, a trailing document end, comments and long scalars', () => {
    expect(loadDocument('%YAML 1.2\n---\n# c\nopenapi: 3.0.3 # v\ninfo:\n  title: >-\n    A\n    B\n  version: "1"\npaths: {}\n...\n').title).toBe('A B');
    expect(loadDocument(minimal.replaceAll('\n', '\r')).openapi).toBe('3.0.3');
  });

  it('reads a version that YAML takes for a number, a null title, octal-looking and sexagesimal text', () => {
    const { root, version, title } = loadDocument('openapi: 3.0.3\ninfo: {title: ~, version: 2}\nx-mode: 0755\nx-time: 12:30:45\nx-null: null\npaths: {}\n');
    expect({ version, title }).toEqual({ version: '2', title: 'Untitled API' });
    expect(root).toMatchObject({ 'x-time': '12:30:45', 'x-null': null });
  });

  it('keeps a key that is a number, a date or a boolean as text', () => {
    const document = loadDocument('openapi: 3.0.3\npaths:\n  /a:\n    get:\n      responses:\n        200: {description: ok}\n        4XX: {description: no}\n        default: {description: d}\n      x-keys: {2024-01-02: a, true: b, null: c, 1.0: d}\n');
    const [operation] = indexOperations(document).operations;
    expect(document.view.responses(operation!).map(([status]) => status)).toEqual(['200', '4XX', 'default']);
    expect(Object.keys(operation!.definition['x-keys'] ?? {})).toEqual(expect.arrayContaining(['2024-01-02', 'true', 'null']));
  });

  it.each(['!!binary aGk=', '!!timestamp 2020-01-01', '!!set {a, b}', '!!omap [a: 1]', '!!custom x'])('is nothing but JSON data, whatever the tag: %s', (value) => {
    const { root } = loadDocument(`${minimal}x-a: ${value}\n`);
    expect(JSON.parse(JSON.stringify(root['x-a']))).toEqual(root['x-a']);
  });

  it.each(['openapi', 'swagger'])('a field "%s" of any depth is named, not written out', (field) => {
    expect(failure(`{"${field}":${'['.repeat(4_000)}${']'.repeat(4_000)}}`).code).toBe('unsupported_version');
  });
});
