import { describe, expect, it } from '@jest/globals';
import { diffOperations } from '../diff/diff-documents.js';
import type { JsonObject } from '../json.js';
import { shapeOptionsOf } from '../result/shape-options.js';
import { argumentsOf, checker, compileDocument, expectSound } from '../../../../test/tools/compiled-document.js';
import { useWire } from '../../../../test/tools/request-on-the-wire.js';
import { clientProfiles } from './client-profile.js';

const send = useWire();
type Written = Record<string, unknown>;

const compile = (operation: Written, options: object = { argumentMode: 'nested' }, path = '/a/{id}') => compileDocument({ openapi: '3.2.0', paths: { [path]: { post: operation } } }, options);
const parameter = (name: string, location: string, extra: Written = {}): Written => ({ name, in: location, schema: { type: 'string' }, ...extra });
const json = (schema: unknown, required = true): Written => ({ requestBody: { required, content: { 'application/json': { schema } } } });

/** W03's operation: one name in every place. */
const everywhere = {
  parameters: [parameter('id', 'path', { required: true }), parameter('id', 'query'), parameter('id', 'header', { required: true }), parameter('id', 'cookie')],
  ...json({ type: 'object', required: ['id'], properties: { id: { type: 'string' }, note: {} } }),
};

describe('decision 6: nested arguments', () => {
  it('are one object for each place, with the names as they are and what each requires', () => {
    const compiled = compile(everywhere);
    const group = (required: boolean, members: JsonObject = {}) => ({ type: 'object', properties: { id: { type: 'string' }, ...members }, ...(required ? { required: ['id'] } : {}), additionalProperties: false });
    expect(compiled.tool.inputSchema).toEqual({
      type: 'object',
      properties: { path: group(true), query: group(false), header: group(true), cookie: group(false), body: group(true, { note: {} }) },
      required: ['path', 'header', 'body'],
      additionalProperties: false,
    });
    expectSound(compiled.tool.inputSchema);
  });

  it('are off unless the owner, or the document for one operation, asks for them', () => {
    expect(Object.keys(argumentsOf(compile(everywhere, {})))).toContain('id__path');
    expect(Object.keys(argumentsOf(compile({ ...everywhere, 'x-mcp': { argumentMode: 'nested' } }, {})))).toEqual(['path', 'query', 'header', 'cookie', 'body']);
    expect(Object.keys(argumentsOf(compile({ ...everywhere, 'x-mcp': { argumentMode: 'flat' } })))).toContain('id__path');
  });

  it('W03: each reaches its place', async () => {
    const compiled = compile(everywhere);
    const args = { path: { id: 'p' }, query: { id: 'q' }, header: { id: 'h' }, cookie: { id: 'c' }, body: { id: 'b' } };
    expect(compiled.validate(args)).toEqual({ ok: true, args });
    const { requestLine, headerLines, body } = await send(compiled, args);
    expect([requestLine, body.toString()]).toEqual(['POST /a/p?id=q HTTP/1.1', '{"id":"b"}']);
    expect(headerLines).toEqual(expect.arrayContaining(['id: h', 'cookie: id=c']));
  });

  it('N05: names that are no keys are sanitised within their object, and exact on the wire', async () => {
    const compiled = compile({ parameters: [parameter('a[b]', 'query'), parameter('a_b', 'query'), parameter('x.y', 'query')] }, { argumentMode: 'nested' }, '/a');
    const { query } = argumentsOf(compiled) as { query: { properties: JsonObject } };
    const [key = '', ...others] = Object.keys(query.properties);
    expect(others).toEqual(['a_b', 'x.y']);
    expect((await send(compiled, { query: { [key]: '1', a_b: '2', 'x.y': '3' } })).requestLine).toBe('POST /a?a%5Bb%5D=1&a_b=2&x.y=3 HTTP/1.1');
  });

  it('a body that is no object of named properties is the argument body itself', async () => {
    const compiled = compile(json({ type: 'array', items: { type: 'integer' } }), { argumentMode: 'nested' }, '/a');
    expect(argumentsOf(compiled)).toEqual({ body: { type: 'array', items: { type: 'integer' } } });
    expect(compiled.tool.inputSchema['required']).toEqual(['body']);
    expect((await send(compiled, { body: [1] })).body.toString()).toBe('[1]');
  });

  it('W11: an optional body has its rules once it is given; further members of an open one go into it', async () => {
    const schema = { type: 'object', required: ['a'], properties: { a: {} }, additionalProperties: { type: 'integer' } };
    const compiled = compile(json(schema, false), { argumentMode: 'nested' }, '/a');
    expect(compiled.tool.inputSchema['required']).toBeUndefined();
    expect(compiled.validate({})).toEqual({ ok: true, args: {} });
    expect((await send(compiled, {})).body.toString()).toBe('');
    expect(compiled.validate({ body: { b: 1 } })).toEqual({ ok: false, message: 'Argument "body" lacks the property "a".' });
    expect(compiled.validate({ body: { a: 1, b: 'x' } }).ok).toBe(false);
    expect((await send(compiled, { body: { b: 2, a: 1 } })).body.toString()).toBe('{"b":2,"a":1}');
    const onlyOpen = compile({ ...json({ type: 'object', required: ['a'], properties: { a: {} }, additionalProperties: true }), 'x-mcp': { arguments: { a: { hidden: true, value: 1 } } } }, { argumentMode: 'nested' }, '/a');
    expect((await send(onlyOpen, { body: { c: 3, a: 'evil' } })).body.toString()).toBe('{"c":3,"a":1}');
  });

  it('unknown names are refused where they stand, with what would have been right', () => {
    const compiled = compile(everywhere);
    expect(compiled.validate({ id: 'x' })).toEqual({ ok: false, message: expect.stringContaining('This tool takes: path, query, header, cookie, body.') });
    expect(compiled.validate({ path: { id: 'x', ib: 1 }, header: { id: 'x' }, body: { id: 'x' } })).toEqual({ ok: false, message: expect.stringContaining('"path" has the unknown property "ib"') });
    expect(compiled.validate({ header: { id: 'x' }, body: { id: 'x' } })).toEqual({ ok: false, message: 'Missing required argument "path" (object).' });
  });

  it('W17, W16: text is read as JSON in them too, and a parameter keeps digits beyond 2^53', async () => {
    const compiled = compile({ parameters: [parameter('id', 'path', { schema: { type: 'number' } }), parameter('n', 'query', { schema: { type: 'integer' } })] });
    const checked = compiled.validate({ path: '{"id":"1"}', query: { n: '12345678901234567890' } });
    expect(checked.ok).toBe(true);
    const args: JsonObject = checked.ok ? checked.args : {};
    expect((await send(compiled, args)).requestLine).toBe('POST /a/1?n=12345678901234567890 HTTP/1.1');
  });

  it('W13: a text given for a file of the body is its data', async () => {
    const schema = { type: 'object', properties: { file: { type: 'string', format: 'binary' }, note: { type: 'string' } } };
    const compiled = compile({ requestBody: { content: { 'multipart/form-data': { schema } } } }, { argumentMode: 'nested' }, '/a');
    const checked = compiled.validate({ body: { file: 'aGk=', note: 'n' } });
    expect(checked).toEqual({ ok: true, args: { body: { file: { data: 'aGk=' }, note: 'n' } } });
    expect((await send(compiled, checked.ok ? checked.args : {})).body.toString()).toMatch(/name="file"[^]*\r\n\r\nhi\r\n/);
  });

  it('W22 and hidden arguments: by name, by key, or with the place before it', async () => {
    const curated = { 'query.id': { default: 'q' }, note: { hidden: true, value: 5 }, 'header.id': { default: 'h' } };
    const compiled = compile({ ...everywhere, 'x-mcp': { arguments: curated } });
    expect(compiled.repairs).toEqual([]);
    expect(compiled.tool.inputSchema['required']).toEqual(['path', 'body']);
    expect(argumentsOf(compiled)).toMatchObject({ query: { properties: { id: { default: 'q' } } }, cookie: { properties: { id: { type: 'string' } } } });
    const { requestLine, headerLines, body } = await send(compiled, { path: { id: 'p' }, body: { id: 'b' } });
    expect([requestLine, body.toString()]).toEqual(['POST /a/p?id=q HTTP/1.1', '{"id":"b","note":5}']);
    expect(headerLines).toContain('id: h');
    const hidden = compile({ parameters: [parameter('q', 'query')], 'x-mcp': { arguments: { q: { hidden: true, value: 'x' } } } }, { argumentMode: 'nested' }, '/a');
    expect(argumentsOf(hidden)).toEqual({});
    expect((await send(hidden, {})).requestLine).toBe('POST /a?q=x HTTP/1.1');
  });

  it('decision 9: content_type stands beside the places', async () => {
    const schema = { type: 'object', properties: { content_type: { type: 'string' } } };
    const content = { 'application/json': { schema }, 'application/x-www-form-urlencoded': { schema } };
    const compiled = compile({ requestBody: { content } }, { argumentMode: 'nested', contentTypeArgument: true }, '/a');
    expect(Object.keys(argumentsOf(compiled))).toEqual(['body', 'content_type']);
    expect((await send(compiled, { body: { content_type: 'c' }, content_type: 'application/x-www-form-urlencoded' })).body.toString()).toBe('content_type=c');
  });

  it('R07: the hint names paging arguments with their place', () => {
    const compiled = compile({ parameters: [parameter('limit', 'query'), parameter('x', 'query')] }, { argumentMode: 'nested' }, '/a');
    expect(shapeOptionsOf(compiled).paging).toEqual(['query.limit']);
  });

  it.each(Object.values(clientProfiles).map((profile) => [profile.name, profile] as const))('are valid for %s, within a small budget too', (_name, profile) => {
    const schemas = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`S${n}`, { type: 'object', description: 'd'.repeat(300), properties: { next: { $ref: `#/components/schemas/S${n + 1}` } } }]));
    const document = { openapi: '3.1.0', components: { schemas }, paths: { '/a': { post: { parameters: everywhere.parameters.slice(1), ...json({ type: 'object', properties: { s: { $ref: '#/components/schemas/S0' } }, required: ['s'] }) } } } };
    for (const maxInputBytes of [32_768, 1_000, 300]) {
      const compiled = compileDocument(document, { argumentMode: 'nested', profile, maxInputBytes });
      expectSound(compiled.tool.inputSchema);
      expect(checker(compiled.tool.inputSchema)({ header: { id: 'h' }, body: { s: { next: {} } } })).toBe(true);
    }
  });

  it('changes inside them are told as those of flat ones', () => {
    const at = (extra: Written) => compile({ parameters: [parameter('q', 'query', extra)] }, { argumentMode: 'nested' }, '/a');
    const kinds = (before: Written, after: Written) => diffOperations([at(before)], [at(after)]).map(({ kind }) => kind);
    expect(kinds({}, { required: true })).toEqual(['breaking']);
    expect(kinds({ required: true }, {})).toEqual(['changed']);
    expect(kinds({}, { description: 'New.' })).toEqual(['description']);
    expect(kinds({}, { explode: false })).toEqual(['breaking']);
    expect(kinds({}, {})).toEqual([]);
  });
});
