import { threadTime } from '@gatehouse-mcp/testing';
import { describe, expect, it } from '@jest/globals';
import { bindRequest } from '../request/bind-request.js';
import { compileOperation } from '../tool/compile-operation.js';
import { indexOperations } from '../operation/index-operations.js';
import type { JsonObject, JsonValue } from '../json.js';
import { loadDocument } from '../document/load-document.js';

function compileBody(properties: Record<string, unknown>, required: readonly string[] = [], bodyRequired = true, parameters: unknown = []) {
  const schema = { type: 'object', properties, required };
  const document = loadDocument(JSON.stringify({ openapi: '3.1.0', paths: { '/a': { post: { parameters, requestBody: { required: bodyRequired, content: { 'application/json': { schema } } } } } } }));
  const [operation] = indexOperations(document).operations;
  if (operation === undefined) throw new Error('skipped');
  return compileOperation(document, operation);
}
const messageOf = (properties: Record<string, unknown>, args: JsonObject, required: readonly string[] = []): string => {
  const result = compileBody(properties, required).validate(args);
  return result.ok ? 'accepted' : result.message;
};
const coerced = (schema: unknown, value: JsonValue): JsonValue | undefined => {
  const result = compileBody({ p: schema }).validate({ p: value });
  return result.ok ? result.args['p'] : undefined;
};

describe('error texts let a model repair its call', () => {
  it.each<[string, Record<string, unknown>, JsonObject, readonly string[], string]>([
    ['unknown', { a: {}, b: {} }, { c: 1 }, [], 'Unknown argument "c". This tool takes: a, b.'],
    ['unknown by an inherited name', { a: {} }, { constructor: 1, toString: 2 }, [], 'Unknown arguments "constructor", "toString". This tool takes: a.'],
    ['missing', { a: { type: 'string' }, b: { enum: ['x', 'y'] } }, {}, ['a', 'b'], 'Missing required arguments "a" (string), "b" (one of "x", "y").'],
    ['missing though inherited', { toString: { type: 'string' } }, {}, ['toString'], 'Missing required argument "toString" (string).'],
    ['type', { a: { type: 'integer' } }, { a: 'x' }, [], 'Argument "a" must be of type integer, not string.'],
    ['enum', { a: { type: 'string', enum: ['x', 'y'] } }, { a: 'z' }, [], 'Argument "a" must be one of "x", "y".'],
    ['bounds', { a: { type: 'integer', maximum: 5 } }, { a: 9 }, [], 'Argument "a" must be <= 5.'],
    ['nested', { a: { type: 'array', items: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } } } }, { a: [{ id: 'x' }, {}] }, [], 'Argument "a[1]" lacks the property "id".'],
    ['nested unknown', { a: { type: 'object', properties: {}, additionalProperties: false } }, { a: { zz: 1 } }, [], 'Argument "a" has the unknown property "zz".'],
    ['a typing error', { merchantAccount: {}, reference: {} }, { merchant_account: 1 }, [], 'Unknown argument "merchant_account". Did you mean "merchantAccount"? This tool takes: merchantAccount, reference.'],
    ['two letters off', { repository: {}, owner: {} }, { repositoy: 1 }, [], 'Unknown argument "repositoy". Did you mean "repository"? This tool takes: repository, owner.'],
    ['nested typing error', { a: { type: 'object', properties: { currency: {} }, additionalProperties: false } }, { a: { curency: 1 } }, [], 'Argument "a" has the unknown property "curency" (did you mean "currency"?).'],
    ['several at once', { a: { type: 'integer' }, b: { enum: ['x', 'y'] } }, { a: [], b: 'z' }, [], 'Argument "a" must be of type integer, not array. Argument "b" must be one of "x", "y".'],
    ['a digit-true integer', { a: { type: 'integer', maximum: 5 } }, { a: 9_007_199_254_740_993n }, [], 'Argument "a" must be <= 5.'],
    ['a bound beside null', { a: { anyOf: [{ type: 'null' }, { type: 'number', maximum: 2 }] } }, { a: 5 }, [], 'Argument "a" must be <= 2.'],
    ['union', { a: { anyOf: [{ type: 'integer' }, { type: 'boolean' }] } }, { a: [] }, [], 'Argument "a" must be of type integer or boolean, not array.'],
  ])('%s', (_what, properties, args, required, message) => {
    expect(messageOf(properties, args, required)).toBe(message);
  });

  const kind = (name: string, member: string) => ({ type: 'object', properties: { kind: { const: name }, [member]: {} }, required: ['kind', member] });
  const union = { oneOf: [{ allOf: [kind('card', 'number')] }, kind('transfer', 'iban'), kind('voucher', 'code')] };

  it('a union says which kinds there are, and what the given kind lacks, not what other kinds do', () => {
    expect(messageOf({ a: union }, { a: { kind: 'crd' } })).toBe('Argument "a.kind" must be one of "card", "transfer", "voucher" (did you mean "card"?).');
    expect(messageOf({ a: union }, { a: { kind: 'card' } })).toBe('Argument "a" lacks the property "number".');
  });

  it('what belongs into a body that is one argument is told so', () => {
    const document = loadDocument(JSON.stringify({ openapi: '3.1.0', paths: { '/a': { post: { requestBody: { content: { 'application/json': { schema: union } } } } } } }));
    const compiled = compileOperation(document, indexOperations(document).operations[0]!);
    expect(compiled.validate({ kind: 'card' })).toEqual({ ok: false, message: 'Unknown argument "kind". This tool takes: body. What belongs to the request\'s body goes into the argument "body".' });
  });

  it('no message is longer than 2,100 characters', () => {
    const names = Array.from({ length: 39 }, (_, at) => `${'n'.repeat(120)}${at}`);
    const values = Array.from({ length: 400 }, (_, at) => `${'v'.repeat(120)}${at}`);
    const all = Object.fromEntries(names.map((name) => [name, { enum: values }]));
    const wrong = Object.fromEntries(names.map((name) => [name, 'no']));
    for (const message of [messageOf(all, {}, names), messageOf(all, wrong), messageOf(all, { other: 1 }), messageOf({ a: { type: 'string', pattern: `^${'a'.repeat(4_000)}$` } }, { a: 'b' })]) {
      expect(message.length).toBeLessThan(2_100);
      expect(message.length).toBeGreaterThan(200);
    }
  });

  it('an optional body asks for its required properties only once one is given', () => {
    const compiled = compileBody({ a: { type: 'string' }, b: {} }, ['a'], false);
    expect(compiled.validate({})).toEqual({ ok: true, args: {} });
    expect(compiled.validate({ b: 1 })).toEqual({ ok: false, message: 'Missing required argument "a" (string).' });
  });
});

describe('coercion (decision 20, W17): only text where the schema has no place for text', () => {
  it.each<[unknown, JsonValue, JsonValue]>([
    [{ type: 'integer' }, '5', 5],
    [{ type: 'number' }, '1.5', 1.5],
    [{ type: 'boolean' }, 'true', true],
    [{ type: 'object' }, '{"a":1}', { a: 1 }],
    [{ type: 'array', items: { type: 'integer' } }, '["1",2]', [1, 2]],
    [{ type: ['integer', 'null'] }, 'null', null],
    [{ anyOf: [{ type: 'integer' }, { type: 'boolean' }] }, '7', 7],
    [{ type: 'object', properties: { n: { type: 'integer' } } }, { n: '3' }, { n: 3 }],
  ])('%j takes %j as %j', (schema, given, expected) => {
    expect(coerced(schema, given)).toEqual(expected);
  });

  it.each<[unknown, JsonValue]>([
    [{ type: 'string' }, '5'],
    [{ type: ['string', 'integer'] }, '5'],
    [{ anyOf: [{ type: 'string' }, { type: 'object' }] }, '{"a":1}'],
    [{}, '5'],
  ])('%j leaves %j as it is', (schema, given) => {
    expect(coerced(schema, given)).toBe(given);
  });

  it.each<[unknown, JsonValue]>([
    [{ type: 'integer' }, '1.5'],
    [{ type: 'integer' }, 'five'],
    [{ type: 'integer' }, ''],
    [{ type: 'boolean' }, 'yes'],
    [{ type: 'object' }, '[1]'],
    [{ type: 'object' }, '{broken'],
    [{ oneOf: [{ type: 'string', enum: ['auto'] }, { type: 'integer' }] }, '5'],
    [{ type: 'string' }, 5],
  ])('%j refuses %j', (schema, given) => {
    expect(coerced(schema, given)).toBeUndefined();
  });

  it('does not change the arguments it was given', () => {
    const args = { p: '5' };
    compileBody({ p: { type: 'integer' } }).validate(args);
    expect(args).toEqual({ p: '5' });
  });

  it('W16 (part): digits beyond 2^53 given as text reach a parameter unchanged', () => {
    const compiled = compileBody({}, [], false, [{ name: 'id', in: 'query', schema: { type: 'integer' } }]);
    const result = compiled.validate({ id: '9007199254740993' });
    if (!result.ok) throw new Error(result.message);
    expect(bindRequest(compiled, result.args, { baseUrl: 'http://h' }).url.search).toBe('?id=9007199254740993');
  });
});

describe('bounds', () => {
  it('refuses arguments nested 200,000 levels deep without a crash', () => {
    let value: JsonValue = 1;
    for (let level = 0; level < 200_000; level += 1) value = [value];
    expect(messageOf({ p: {} }, { p: value })).toMatch(/nested deeper than 64 levels/);
  });

  it.each(['^(a+)+$', '^(a|aa)+$', '(.*a){20}$'])('attack 35: the pattern %s takes linear time', (pattern) => {
    const compiled = compileBody({ p: { type: 'string', pattern } });
    compiled.validate({ p: 'a' });
    const start = threadTime();
    compiled.validate({ p: `${'a'.repeat(50_000)}!` });
    expect(threadTime() - start).toBeLessThan(500);
  });

  it('patterns are checked: case, unicode escapes, anchors', () => {
    expect(messageOf({ p: { type: 'string', pattern: '^[A-Z]{3}-\\d+$' } }, { p: 'ABC-1' })).toBe('accepted');
    expect(messageOf({ p: { type: 'string', pattern: '^[A-Z]{3}-\\d+$' } }, { p: 'abc-1' })).toMatch(/pattern/);
    expect(messageOf({ p: { type: 'string', pattern: '^\\u0041$' } }, { p: 'B' })).toMatch(/pattern/);
    // Lookahead is beyond RE2: left to the upstream.
    expect(messageOf({ p: { type: 'string', pattern: '^(?=x)x$' } }, { p: 'y' })).toBe('accepted');
  });

  it('attack 35: nested unions of a recursive schema do not multiply without end', () => {
    const branch = { type: 'array', items: { $ref: '#/components/schemas/A' } };
    const document = loadDocument(
      JSON.stringify({
        openapi: '3.1.0',
        paths: { '/a': { post: { requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } } } } } },
        components: { schemas: { A: { oneOf: [branch, { ...branch, maxItems: 9 }, { type: 'string' }] } } },
      }),
    );
    const compiled = compileOperation(document, indexOperations(document).operations[0]!);
    let value: JsonValue = 'x';
    for (let level = 0; level < 60; level += 1) value = [value];
    const start = threadTime();
    expect(compiled.validate({ body: value })).toEqual({ ok: false, message: expect.stringContaining('take too long') });
    expect(threadTime() - start).toBeLessThan(2_000);
    // The next call starts afresh.
    expect(compiled.validate({ body: 'x' }).ok).toBe(true);
  });

  it('attack 35: uniqueItems on 100,000 objects takes one pass', () => {
    const compiled = compileBody({ p: { type: 'array', uniqueItems: true, items: {} } });
    const items = Array.from({ length: 100_000 }, (_, at) => ({ at, b: 1 }));
    const start = threadTime();
    expect(compiled.validate({ p: items }).ok).toBe(true);
    expect(threadTime() - start).toBeLessThan(2_000);
    expect(compiled.validate({ p: [{ a: 1, b: 2 }, { b: 2, a: 1 }] }).ok).toBe(false);
  });
});
