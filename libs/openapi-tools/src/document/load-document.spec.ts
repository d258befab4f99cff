import { describe, expect, it } from '@jest/globals';
import { DocumentError } from './document.error.js';
import { indexOperations } from '../operation/index-operations.js';
import { loadDocument } from './load-document.js';

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
    ['Swagger 2.0', '{"swagger":"2.0","paths":{}}', 'unsupported_version', /Swagger 2.0 is not supported yet.*"swagger"/],
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
    const start = performance.now();
    expect(failure(`openapi: 3.0.0\nl0: &l0 [x, x]\n${levels.join('\n')}\n`).code).toBe('too_complex');
    expect(performance.now() - start).toBeLessThan(1_000);
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
