import { describe, expect, it } from '@jest/globals';
import { createArgumentsCheck } from './foreign-arguments.js';

describe('arguments against a schema that came as it is', () => {
  const check = createArgumentsCheck({ type: 'object', properties: { n: { type: 'integer' }, node: { $ref: '#/$defs/node' }, old: { $ref: '#/definitions/old' } }, required: ['n'], additionalProperties: false, $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } }, definitions: { old: { enum: ['a'] } } });

  it('are refused with words for a model', () => {
    expect(check({})).toEqual({ ok: false, message: 'Missing required argument "n" (integer).' });
    expect(check({ n: 1, m: 2 })).toMatchObject({ ok: false, message: expect.stringContaining('Unknown argument "m"') });
    expect(check({ n: 1, node: { next: { next: 5 } } })).toMatchObject({ ok: false });
  });

  it('pass where a reference is none that is known: the server checks too', () => {
    expect(check({ n: 1, old: 'b' })).toMatchObject({ ok: true });
  });

  it('are coerced where only that fits', () => {
    expect(check({ n: '5', old: 'a' })).toEqual({ ok: true, args: { n: 5, old: 'a' } });
  });

  it.each([
    [{ properties: 5, required: 'x', additionalProperties: [] }],
    [{ type: ['object', 7], properties: { a: null, b: 'x' }, allOf: {}, $defs: [] }],
    [{ $ref: 'https://elsewhere.example/schema', properties: { a: { $ref: 7 } } }],
    [{ properties: { a: { pattern: '^(a+)+$' } }, patternProperties: { '(': {} } }],
  ])('pass where the schema is none that is known, and never hang: %j', (schema) => {
    const startedAt = performance.now();
    expect(createArgumentsCheck(schema as never)({ a: `${'a'.repeat(50_000)}` })).toMatchObject({ ok: true });
    expect(performance.now() - startedAt).toBeLessThan(200);
  });
});
