import { describe, expect, it } from '@jest/globals';
import { diffOperations } from '../diff/diff-documents.js';
import type { JsonValue } from '../json.js';
import { bindRequest } from '../request/bind-request.js';
import { argumentsOf, checker, compileDocument } from '../../../../test/tools/compiled-document.js';
import { useWire } from '../../../../test/tools/request-on-the-wire.js';

const send = useWire();
const json = (schema: unknown, required = false) => ({ requestBody: { required, content: { 'application/json': { schema } } } });

const compile = (operation: object, given: object = {}, path = '/a', options = {}) =>
  compileDocument({ openapi: '3.1.0', paths: { [path]: { post: { ...operation, 'x-mcp': { arguments: given } } } } }, options);
const limit = { name: 'limit', in: 'query', required: true, schema: { type: 'integer', maximum: 100, default: 10 } };

describe('W22: a default for an argument that stays visible', () => {
  it('is shown, is not required any more, and is sent when a call leaves the argument out', async () => {
    const compiled = compile({ parameters: [limit] }, { limit: { default: 50, description: 'How many.' } });
    expect(compiled.tool.inputSchema).toEqual({
      type: 'object',
      properties: { limit: { type: 'integer', maximum: 100, default: 50, description: 'How many.' } },
      additionalProperties: false,
    });
    expect(compiled.repairs).toEqual([]);
    expect(compiled.validate({})).toEqual({ ok: true, args: {} });
    expect((await send(compiled, {})).requestLine).toBe('POST /a?limit=50 HTTP/1.1');
    expect((await send(compiled, { limit: 7 })).requestLine).toBe('POST /a?limit=7 HTTP/1.1');
  });

  it('is sent only if configured: the document\'s own default is the server\'s', async () => {
    const compiled = compile({ parameters: [{ ...limit, required: false }] });
    expect(argumentsOf(compiled)).toMatchObject({ limit: { default: 10 } });
    expect((await send(compiled, {})).requestLine).toBe('POST /a HTTP/1.1');
  });

  it('null that a call gives is null, not left out', async () => {
    const compiled = compile(json({ type: 'object', properties: { note: { type: ['string', 'null'] } } }), { note: { default: 'n' } });
    expect((await send(compiled, { note: null })).body.toString()).toBe('{"note":null}');
    expect((await send(compiled, {})).body.toString()).toBe('{"note":"n"}');
  });

  it('in a path, a header and a cookie, by the name on the wire too', async () => {
    const parameters = [['id', 'path'], ['X-Trace', 'header'], ['filter[kind]', 'cookie']].map(([name, location]) => ({ name, in: location, required: true, schema: { type: 'string' } }));
    const compiled = compile({ parameters }, { id: { default: 'a b' }, 'X-Trace': { default: 't' }, 'filter[kind]': { default: 'k' } }, '/a/{id}');
    expect(compiled.tool.inputSchema['required']).toBeUndefined();
    const { requestLine, headerLines } = await send(compiled, {});
    expect(requestLine).toBe('POST /a/a%20b HTTP/1.1');
    expect(headerLines).toEqual(expect.arrayContaining(['x-trace: t', expect.stringMatching(/^cookie: filter.*=k$/)]));
  });

  it('of a body\'s property goes with what is given, and begins a body only where that lacks nothing', async () => {
    const schema = { type: 'object', required: ['kind', 'name'], properties: { kind: { type: 'string' }, name: { type: 'string' } } };
    const given = { kind: { default: 'order' } };
    const required = compile(json(schema, true), given);
    expect(required.tool.inputSchema['required']).toEqual(['name']);
    expect((await send(required, { name: 'n' })).body.toString()).toBe('{"name":"n","kind":"order"}');
    const optional = compile(json(schema), given);
    expect(bindRequest(optional, {}, { baseUrl: 'http://h' }).body).toBeUndefined();
    expect(optional.validate({ kind: 'x' })).toEqual({ ok: false, message: 'Missing required argument "name" (string).' });
    expect((await send(optional, { name: 'n' })).body.toString()).toBe('{"name":"n","kind":"order"}');
    expect((await send(compile(json({ ...schema, required: ['kind'] }), given), {})).body.toString()).toBe('{"kind":"order"}');
  });

  it('of a body that is one argument', async () => {
    const compiled = compile(json({ type: 'array', items: { type: 'integer' } }, true), { body: { default: [1, 2] } });
    expect(compiled.tool.inputSchema['required']).toBeUndefined();
    expect((await send(compiled, {})).body.toString()).toBe('[1,2]');
    expect((await send(compiled, { body: [] })).body.toString()).toBe('[]');
  });

  it.each<[JsonValue, RegExp]>([
    ['50', /"arguments\.limit\.default" does not fit and was ignored: Argument "limit" must be of type integer, not string\./],
    [500, /"arguments\.limit\.default" does not fit and was ignored: Argument "limit" must be <= 100/],
    [null, /"arguments\.limit\.default" does not fit/],
  ])('that does not fit its argument (%j) is named and left out', async (value, message) => {
    const compiled = compile({ parameters: [limit] }, { limit: { default: value } });
    expect(compiled.repairs).toEqual([{ code: 'invalid-override', at: expect.stringContaining('limit'), message: expect.stringMatching(message) }]);
    expect(argumentsOf(compiled)).toEqual({ limit: { type: 'integer', maximum: 100, default: 10 } });
    expect(compiled.tool.inputSchema['required']).toEqual(['limit']);
    expect(() => bindRequest(compiled, {}, { baseUrl: 'http://h' })).toThrow('Argument "limit" is required.');
  });

  it('that does not fit a definition it refers to is named too', () => {
    const document = {
      openapi: '3.1.0',
      components: { schemas: { Kind: { enum: ['a', 'b'] } } },
      paths: { '/a': { get: { parameters: [{ name: 'kind', in: 'query', schema: { $ref: '#/components/schemas/Kind' } }], 'x-mcp': { arguments: { kind: { default: 'c' } } } } } },
    };
    expect(compileDocument(document).repairs.map(({ message }) => message)).toEqual(['"arguments.kind.default" does not fit and was ignored: Argument "kind" must be one of "a", "b".']);
    const fitting = compileDocument(JSON.stringify(document).replace('"c"', '"b"'));
    expect(argumentsOf(fitting)).toEqual({ kind: { $ref: '#/$defs/Kind', default: 'b' } });
    expect(checker(fitting.tool.inputSchema)({ kind: 'a' })).toBe(true);
  });

  it('in a path is held to the same as a given value', () => {
    const compiled = compile({ parameters: [{ name: 'id', in: 'path', required: true, schema: {} }] }, { id: { default: '..' } }, '/a/{id}');
    expect(() => bindRequest(compiled, {}, { baseUrl: 'http://h' })).toThrow(/"id"/);
  });

  it('that changes is a breaking change: calls that leave the argument out do something else', () => {
    const [before, after] = [10, 20].map((value) => compile({ parameters: [limit], ...json({ type: 'object', properties: { n: {} } }) }, { limit: { default: value }, n: { default: value } }));
    expect(diffOperations([before!], [after!])).toContainEqual(
      expect.objectContaining({ kind: 'breaking', details: ['What is sent without query limit was 10, now it is 20.', 'What is sent without n of the body was 10, now it is 20.'] }),
    );
  });
});
