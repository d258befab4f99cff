import { threadTime } from '@gatehouse-mcp/testing';
import { describe, expect, it } from '@jest/globals';
import { loadDocument } from '../document/load-document.js';
import { indexOperations } from '../operation/index-operations.js';
import { clientProfiles } from '../tool/client-profile.js';
import { compileOperation } from '../tool/compile-operation.js';
import { diffOperations } from './diff-documents.js';

const profile = clientProfiles['full'] ?? clientProfiles['default']!;
const compileAll = (root: Record<string, unknown>) => {
  const document = loadDocument(JSON.stringify({ openapi: '3.1.0', info: { title: 'T', version: '1' }, servers: [{ url: 'https://h.example' }], ...root }));
  return indexOperations(document).operations.map((operation) => compileOperation(document, operation, { profile }));
};
type Members = Record<string, unknown>;
const document = (members: Members, extra: Members = {}, key = 'post') => ({ paths: { '/a': { [key]: { operationId: 'a', summary: 'A', responses: {}, ...members } } }, ...extra });
const diff = (before: Members, after: Members) => diffOperations(compileAll(before), compileAll(after));
const body = (schema: unknown, type = 'application/json') => ({ requestBody: { required: true, content: { [type]: { schema } } } });
const object = (properties: Members, more: Members = {}) => body({ type: 'object', properties, ...more });
const kindsOf = (before: Members, after: Members) => diff(document(before), document(after)).map(({ kind }) => kind);
const query = (name: string, schema: unknown, more: Members = {}) => ({ name, in: 'query', schema, ...more });

describe('diffOperations', () => {
  it('finds nothing where nothing changed, whatever the order of keys and operations', () => {
    const a = { operationId: 'x', parameters: [query('q', { type: 'string', maxLength: 3 })], responses: {} };
    const b = { responses: {}, parameters: [{ schema: { maxLength: 3, type: 'string' }, in: 'query', name: 'q' }], operationId: 'x' };
    expect(diff({ paths: { '/a': { get: a }, '/b': { get: {} } } }, { paths: { '/b': { get: {} }, '/a': { get: b } } })).toEqual([]);
  });

  it('added and removed operations, and a name that now calls another one', () => {
    const paths = (id: string, path: string) => ({ paths: { [path]: { get: { operationId: id, responses: {} } } } });
    expect(diff(paths('a', '/old'), paths('a', '/new'))).toEqual([
      { operation: 'GET /old', tool: 'a', kind: 'removed', details: [expect.any(String)] },
      { operation: 'GET /new', tool: 'a', kind: 'added', details: [expect.any(String)] },
      { operation: 'GET /new', tool: 'a', kind: 'breaking', details: ['The tool name a called GET /old before.'] },
    ]);
    expect(diff(paths('a', '/x'), paths('b', '/x'))).toEqual([{ operation: 'GET /x', tool: 'b', kind: 'breaking', details: ['The tool was called a.'] }, expect.objectContaining({ kind: 'description' })]);
  });

  const s = { type: 'string' };
  it.each<[string, Members, Members, string[]]>([
    ['a new optional argument', object({ a: s }), object({ a: s, b: s }), ['changed']],
    ['a new required argument', object({ a: s }), object({ a: s, b: s }, { required: ['b'] }), ['breaking']],
    ['an argument that becomes required', object({ a: s }), object({ a: s }, { required: ['a'] }), ['breaking']],
    ['an argument that becomes optional', object({ a: s }, { required: ['a'] }), object({ a: s }), ['changed']],
    ['a removed argument', object({ a: s, b: s }), object({ a: s }), ['breaking']],
    ['a narrowed type', object({ a: { type: ['string', 'integer'] } }), object({ a: s }), ['breaking']],
    ['a widened type', object({ a: s }), object({ a: { type: ['string', 'integer'] } }), ['changed']],
    ['number over integer', object({ a: { type: 'integer' } }), object({ a: { type: 'number' } }), ['changed']],
    ['integer over number', object({ a: { type: 'number' } }), object({ a: { type: 'integer' } }), ['breaking']],
    ['a removed enum value', object({ a: { enum: ['x', 'y'] } }), object({ a: { enum: ['x'] } }), ['breaking']],
    ['an added enum value', object({ a: { enum: ['x'] } }), object({ a: { enum: ['x', 'y'] } }), ['changed']],
    ['a new enum', object({ a: s }), object({ a: { type: 'string', enum: ['x'] } }), ['breaking']],
    ['a lower maximum', object({ a: { type: 'integer', maximum: 9 } }), object({ a: { type: 'integer', maximum: 8 } }), ['breaking']],
    ['a higher maximum', object({ a: { type: 'integer', maximum: 9 } }), object({ a: { type: 'integer', maximum: 10 } }), ['changed']],
    ['a new minimum length', object({ a: s }), object({ a: { type: 'string', minLength: 1 } }), ['breaking']],
    ['a new pattern', object({ a: s }), object({ a: { type: 'string', pattern: '^x' } }), ['breaking']],
    ['a pattern that is gone', object({ a: { type: 'string', pattern: '^x' } }), object({ a: s }), ['changed']],
    ['a narrowed member deep inside', object({ a: { type: 'array', items: { type: 'object', properties: { b: { type: 'integer', maximum: 9 } } } } }), object({ a: { type: 'array', items: { type: 'object', properties: { b: { type: 'integer', maximum: 1 } } } } }), ['breaking']],
    ['a required member deep inside', object({ a: { type: 'object', properties: { b: s } } }), object({ a: { type: 'object', properties: { b: s }, required: ['b'] } }), ['breaking']],
    ['a removed alternative', object({ a: { anyOf: [s, { type: 'integer' }, { type: 'null' }] } }), object({ a: { anyOf: [s, { type: 'integer' }] } }), ['breaking']],
    ['another media type', body({ type: 'object', properties: { a: s } }), body({ type: 'object', properties: { a: s } }, 'application/vnd.x+json'), ['breaking']],
    ['an argument that moves', { parameters: [query('x', s)] }, { parameters: [{ name: 'x', in: 'header', schema: s }] }, ['breaking']],
    ['another style', { parameters: [query('x', { type: 'array', items: s })] }, { parameters: [query('x', { type: 'array', items: s }, { explode: false })] }, ['breaking']],
    ['another server', {}, { servers: [{ url: 'https://evil.example' }] }, ['breaking']],
    ['more scopes', { security: [{ o: ['r'] }] }, { security: [{ o: ['r', 'w'] }] }, ['breaking']],
    ['another title', {}, { summary: 'B' }, ['description']],
    ['another description of an argument', { parameters: [query('x', s, { description: 'old' })] }, { parameters: [query('x', s, { description: 'new' })] }, ['description']],
    ['another annotation', {}, { 'x-mcp': { annotations: { destructiveHint: false } } }, ['description']],
    ['another result', { responses: { 200: { content: { 'application/json': { schema: { type: 'object', properties: { a: s } } } } } } }, { responses: { 200: { content: { 'application/json': { schema: { type: 'object', properties: { b: s } } } } } } }, ['changed']],
    ['another fixed value', { parameters: [query('x', s)], 'x-mcp': { arguments: { x: { hidden: true, value: 'a' } } } }, { parameters: [query('x', s)], 'x-mcp': { arguments: { x: { hidden: true, value: 'b' } } } }, ['breaking']],
    ['another fixed value in the body', { ...object({ a: s, b: s }), 'x-mcp': { arguments: { a: { hidden: true, value: 'a' } } } }, { ...object({ a: s, b: s }), 'x-mcp': { arguments: { a: { hidden: true, value: 'b' } } } }, ['breaking']],
    ['another projection', { 'x-mcp': { response: { projection: '$.a' } } }, { 'x-mcp': { response: { projection: '$.b' } } }, ['changed']],
    ['another default', object({ a: { type: 'string', default: 'x' } }), object({ a: { type: 'string', default: 'y' } }), ['changed']],
  ])('%s', (_what, before, after, kinds) => {
    expect(kindsOf(before, after)).toEqual(kinds);
  });

  it('follows $defs, also cyclic ones, and names the place', () => {
    const tree = (maxLength: number) => ({ components: { schemas: { Node: { type: 'object', properties: { name: { type: 'string', maxLength }, next: { $ref: '#/components/schemas/Node' }, list: { type: 'array', items: { $ref: '#/components/schemas/Node' } } } } } } });
    const root = object({ root: { $ref: '#/components/schemas/Node' } });
    expect(diff(document(root, tree(5)), document(root, tree(5)))).toEqual([]);
    expect(diff(document(root, tree(5)), document(root, tree(4)))).toEqual([{ operation: 'POST /a', tool: 'a', kind: 'breaking', details: [expect.stringMatching(/root\.name: "maxLength" was 5, now it is 4/)] }]);
  });

  it.each([
    ['invisible characters', 'Lists pets.\u{e0049}\u{e0067}\u{e006e}'],
    ['bidi controls', 'Lists \u202epets'],
    ['mixed alphabets', 'Lists p\u0435ts'],
    ['stand-in letters', 'Lists \u{1d429}\u{1d41e}\u{1d42d}\u{1d42c}'],
  ])('attack 40: %s newly in a description are suspicious', (_what, description) => {
    expect(kindsOf({ description: 'Lists pets.' }, { description })).toContain('suspicious');
    expect(kindsOf({ description }, { description })).toEqual([]);
    expect(kindsOf({ description: 'Lists pets.' }, { description: 'Größe — 価格 😀 цена' })).toEqual(['description']);
  });

  it('attack 40: so they are in an enum value and in a new operation', () => {
    const hostile = object({ a: { enum: ['ok', 'p\u0430y'] } });
    expect(kindsOf(object({ a: { enum: ['ok'] } }), hostile)).toContain('suspicious');
    expect(diff({ paths: {} }, document(hostile)).map(({ kind }) => kind)).toEqual(['added', 'suspicious']);
  });

  it('compares 2,000 operations in under a second', () => {
    const api = (maximum: number) => ({
      paths: Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`/p${at}`, { post: { operationId: `o${at}`, responses: {}, ...object({ a: { $ref: '#/components/schemas/A' }, b: { type: 'integer', maximum } }) } }])),
      components: { schemas: { A: { type: 'object', properties: Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`p${at}`, { type: 'string', description: `Property ${at}` }])) } } },
    });
    const [before, after] = [compileAll(api(9)), compileAll(api(8))];
    const start = threadTime();
    expect(diffOperations(before, after)).toHaveLength(2_000);
    expect(threadTime() - start).toBeLessThan(1_000);
  });
});
