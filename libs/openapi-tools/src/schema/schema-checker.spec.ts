import { threadTime } from '@gatehouse-mcp/testing';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import type { JsonObject, JsonValue } from '../json.js';
import { CheckTooLongError, SchemaChecker } from './schema-checker.js';

const names = ['a', 'b', 'c1', 'constructor', '__proto__x'];
const definitions = ['D', 'E'];

/** Any schema of the keywords that the converter lets through. */
function schemaArbitrary(): fc.Arbitrary<JsonObject> {
  const { schema } = fc.letrec<{ schema: JsonObject; member: JsonValue }>((tie) => {
    const member = fc.oneof({ weight: 8, arbitrary: tie('schema') }, { weight: 1, arbitrary: fc.boolean() });
    const list = fc.array(member, { minLength: 1, maxLength: 3 });
    const count = fc.nat({ max: 3 });
    const type = fc.constantFrom('null', 'boolean', 'object', 'array', 'number', 'string', 'integer');
    const map = (keys: readonly string[]) => fc.dictionary(fc.constantFrom(...keys), member, { maxKeys: 3, noNullPrototype: true });
    return {
      member,
      schema: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.record({ type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })), minimum: fc.integer({ min: -2, max: 3 }), exclusiveMaximum: fc.integer({ min: 0, max: 4 }), multipleOf: fc.integer({ min: 1, max: 3 }), minLength: count, maxLength: count, pattern: fc.constantFrom('^a', 'b$', '[0-9]') }, { requiredKeys: ['type'] }),
        fc.record({ enum: fc.uniqueArray(valueArbitrary(1), { minLength: 1, maxLength: 3, comparator: (a, b) => JSON.stringify(a) === JSON.stringify(b) }) }),
        fc.record({ const: valueArbitrary(1) }),
        fc.record({ $ref: fc.constantFrom(...definitions.map((name) => `#/$defs/${name}`)) }),
        fc.record({ properties: map(names), patternProperties: map(['^a', '1$']), additionalProperties: member, propertyNames: fc.constant({ maxLength: 2 }), required: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 }), minProperties: count, maxProperties: count }, { requiredKeys: [] }),
        fc.record({ items: member, prefixItems: list, uniqueItems: fc.boolean(), minItems: count, maxItems: count }, { requiredKeys: [] }),
        fc.record({ contains: member, maxContains: fc.integer({ min: 1, max: 3 }) }, { requiredKeys: ['contains'] }),
        fc.record({ allOf: list, anyOf: list, oneOf: list, not: member }, { requiredKeys: [] }),
        // oxlint-disable-next-line unicorn/no-thenable -- the JSON Schema keyword
        fc.record({ if: member, then: member, else: member }, { requiredKeys: ['if'] }),
        fc.record({ dependentRequired: fc.constant({ a: ['b'] }), dependentSchemas: map(names) }, { requiredKeys: [] }),
      ),
    };
  });
  return schema;
}

function valueArbitrary(maxDepth = 3): fc.Arbitrary<JsonValue> {
  const scalar = fc.oneof(fc.constant(null), fc.boolean(), fc.integer({ min: -2, max: 4 }), fc.constantFrom(0.5, 1.5), fc.constantFrom('', 'a', 'ab', '1', '😀', 'constructor'));
  const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof({ maxDepth, withCrossShrink: true }, scalar, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 3, noNullPrototype: true })),
  }));
  return value;
}

const ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false, ownProperties: true, logger: false, addUsedSchema: false });

describe('checks what JSON Schema 2020-12 says', () => {
  it('agrees with Ajv on random schemas and values', () => {
    const both = { true: 0, false: 0 };
    fc.assert(
      fc.property(schemaArbitrary(), schemaArbitrary(), fc.array(valueArbitrary(), { minLength: 1, maxLength: 6 }), (schema, definition, values) => {
        // D may use E, not the other way round: a loop for one value has no answer.
        const text = JSON.stringify({ ...schema, $defs: { D: definition, E: { type: 'object', properties: { a: { $ref: '#/$defs/E' } }, required: ['a'] } } }).replaceAll('#/$defs/D"', '#/$defs/E"').replace('"$ref":"#/$defs/E"', '"$ref":"#/$defs/D"');
        const whole: JsonObject = JSON.parse(text);
        const definitionsOf: JsonObject = JSON.parse(JSON.stringify(whole['$defs']).replaceAll('#/$defs/D"', '#/$defs/E"'));
        const compiled = ajv.compile({ ...whole, $defs: definitionsOf });
        const checker = new SchemaChecker((name) => definitionsOf[name]);
        for (const value of values) {
          const expected = compiled(value);
          expect(checker.accepts(whole, value)).toBe(expected);
          expect(checker.problemsOf(whole, value).length === 0).toBe(expected);
          both[expected ? 'true' : 'false'] += 1;
        }
      }),
      { numRuns: 800, seed: 20_261_121 },
    );
    expect(Math.min(both.true, both.false)).toBeGreaterThan(500);
  });

  // oxlint-disable-next-line unicorn/no-thenable -- the JSON Schema keyword
  const conditional: JsonObject = { if: { required: ['a'], properties: { a: {} } }, then: { properties: { b: {} } }, unevaluatedProperties: false };

  // Ajv takes the members that a failed branch names for evaluated, so these are by hand (JSON Schema core 11.3).
  it.each<[JsonObject, unknown, boolean]>([
    [{ properties: { a: {} }, unevaluatedProperties: false }, { a: 1 }, true],
    [{ properties: { a: {} }, unevaluatedProperties: false }, { b: 1 }, false],
    [{ allOf: [{ properties: { a: {} } }], unevaluatedProperties: false }, { a: 1 }, true],
    [{ $ref: '#/$defs/A', unevaluatedProperties: false }, { a: 1 }, true],
    [{ $ref: '#/$defs/A', unevaluatedProperties: false }, { a: 1, b: 1 }, false],
    [{ anyOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: {} } }], unevaluatedProperties: false }, { a: 1, b: 1 }, false],
    [{ anyOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: {} } }], unevaluatedProperties: { type: 'integer' } }, { a: 1, b: 1 }, true],
    [conditional, { a: 1, b: 1 }, true],
    [conditional, { b: 1 }, false],
    [{ allOf: [{ additionalProperties: true }], unevaluatedProperties: false }, { b: 1 }, true],
    [{ patternProperties: { '^x': {} }, unevaluatedProperties: false }, { x1: 1 }, true],
    [{ dependentSchemas: { a: { properties: { a: {}, b: {} } } }, unevaluatedProperties: false }, { a: 1, b: 1 }, true],
    [{ not: { properties: { a: { type: 'string' } } }, unevaluatedProperties: false }, { a: 1 }, false],
    [{ prefixItems: [{}], unevaluatedItems: false }, [1], true],
    [{ prefixItems: [{}], unevaluatedItems: false }, [1, 2], false],
    [{ allOf: [{ items: {} }], unevaluatedItems: false }, [1, 2], true],
    [{ contains: { type: 'string' }, unevaluatedItems: { type: 'integer' } }, ['a', 1], true],
    [{ contains: { type: 'string' }, unevaluatedItems: false }, ['a', 1], false],
  ])('unevaluated: %j with %j: %p', (schema, value, expected) => {
    expect(new SchemaChecker(() => ({ properties: { a: {} } })).accepts(schema, value)).toBe(expected);
  });

  it.each<[JsonObject, unknown, boolean]>([
    [{ type: 'integer' }, 9_007_199_254_740_993n, true],
    [{ type: ['number', 'null'], minimum: 5 }, 9_007_199_254_740_993n, true],
    [{ type: 'integer', maximum: 5 }, 9_007_199_254_740_993n, false],
    [{ type: 'integer', multipleOf: 2 }, 9_007_199_254_740_993n, false],
    [{ type: 'string' }, 1n, false],
    [{ enum: [1, 2] }, 2n, true],
    [{ type: 'array', uniqueItems: true }, [1n, 1], false],
    [{ type: 'number', multipleOf: 0.01 }, 0.07, true],
    [{ type: 'number', multipleOf: 0.01 }, 0.075, false],
    [{ type: 'string', maxLength: 1 }, '😀', true],
    [{ type: 'string', minLength: 2 }, '😀', false],
    [{ type: 'object', properties: { constructor: { type: 'string' } }, required: ['toString'] }, {}, false],
  ])('%j with %p: %p', (schema, value, expected) => {
    expect(new SchemaChecker(() => undefined).accepts(schema, value)).toBe(expected);
  });
});

describe('bounds', () => {
  it('L01: a schema that applies to itself without end is refused, not a crash', () => {
    const loop: JsonObject = { allOf: [{ $ref: '#/$defs/A' }] };
    expect(() => new SchemaChecker(() => loop).accepts(loop, 1)).toThrow(CheckTooLongError);
  });

  it('attack 35: an enum of 100,000 values for 100,000 items ends', () => {
    const schema: JsonObject = { type: 'array', items: { enum: Array.from({ length: 100_000 }, (_, at) => `v${at}`) } };
    const start = threadTime();
    expect(() => new SchemaChecker(() => undefined).accepts(schema, Array.from({ length: 100_000 }, () => 'v99999'))).toThrow(CheckTooLongError);
    expect(threadTime() - start).toBeLessThan(2_000);
  });

  it('in a discriminated union only the meant branch is reported', () => {
    const kind = (name: string, property: JsonObject): JsonObject => ({ type: 'object', properties: { kind: { const: name }, ...property }, required: ['kind'] });
    const schema: JsonObject = { oneOf: [kind('cat', { lives: { type: 'integer' } }), kind('dog', { barks: { type: 'boolean' } })] };
    const problems = new SchemaChecker(() => undefined).problemsOf(schema, { kind: 'dog', barks: 'loud' });
    expect(problems.map(({ keyword, instancePath }) => `${keyword} ${instancePath}`)).toEqual(['type /barks', 'oneOf ']);
  });
});
