import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isArray, isObject, type JsonValue } from '../json.js';
import { RepairList } from '../repair.js';
import { SchemaDefinitions } from './schema-definitions.js';

/** A schema of the suite with its values: what it is about, the schema, `[what, value, whether it is valid]`. */
type Group = readonly [string, JsonValue, readonly (readonly [string, JsonValue, boolean])[]];

/** The required part of the JSON Schema Test Suite as of jsonschema 4.26.0 (MIT, see LICENSE there), but for format, vocabulary, content, default and refRemote. */
const suite: Record<string, readonly Group[]> = JSON.parse(readFileSync(join(import.meta.dirname, 'test-suite', 'draft2020-12.json'), 'utf8'));

/** Where the converter is more lenient than the schema, on purpose: why, and the values that it accepts though the suite does not. */
const lenient: readonly { readonly why: string; readonly values: number; is(keyword: string, what: string, schemaText: string): boolean }[] = [
  { why: '`$id` and absolute references: nothing is fetched, identifiers are stripped (S12)', values: 20, is: (keyword, _what, text) => keyword !== 'dynamicRef' && !/\$dynamicRef/.test(text) && /"\$id"|"\$ref":"(?!#)/.test(text) },
  { why: '`$dynamicRef` means the anchor of its document, not of the path that led there', values: 19, is: (keyword, _what, text) => keyword === 'dynamicRef' || /\$dynamicRef/.test(text) },
  { why: 'a closed member of `allOf` does not refuse what other members name (S10)', values: 7, is: (keyword) => keyword === 'unevaluatedProperties' },
  { why: '`oneOf` with a branch that accepts everything is read as `anyOf`: authors mean it so', values: 3, is: (keyword) => keyword === 'oneOf' },
];

/** References into the schema as they stand in a document where it is the component `S`; literals stay. */
function rebase(schema: JsonValue): JsonValue {
  if (isArray(schema)) return schema.map(rebase);
  if (!isObject(schema)) return schema;
  const members = Object.entries(schema).map(([key, value]) => {
    if (key === 'enum' || key === 'const') return [key, value];
    const isReference = (key === '$ref' || key === '$dynamicRef') && typeof value === 'string';
    return [key, isReference ? value.replace(/^#(?=\/|$)/, '#/components/schemas/S') : rebase(value)];
  });
  return Object.fromEntries(members);
}

/** The schema as a component of an OpenAPI 3.1 document, through the converter. */
function readSchema(schema: JsonValue): (value: JsonValue) => boolean {
  const definitions = new SchemaDefinitions({ openapi: '3.1.0', components: { schemas: { S: rebase(schema) } } }, '3.1.0', undefined);
  const converted = definitions.convert({ $ref: '#/components/schemas/S' }, '', new RepairList()).schema;
  return (value) => definitions.checker.accepts(converted, value);
}

describe('the JSON Schema Test Suite, draft 2020-12', () => {
  const leniently = new Map<string, number>();

  describe.each(Object.keys(suite))('%s', (keyword) => {
    it.each(suite[keyword] ?? [])('%s', (what, schema, values) => {
      const accepts = readSchema(schema);
      const reason = lenient.find(({ is }) => is(keyword, what, JSON.stringify(schema)))?.why;
      const wrong: string[] = [];
      for (const [about, value, isValid] of values) {
        if (accepts(value) === isValid) continue;
        // What is valid is never refused, whatever the reason.
        if (isValid || reason === undefined) wrong.push(about);
        else leniently.set(reason, (leniently.get(reason) ?? 0) + 1);
      }
      expect(wrong).toEqual([]);
    });
  });

  it('is lenient where it is meant to be, and for no value more', () => {
    expect(Object.fromEntries(leniently)).toEqual(Object.fromEntries(lenient.map(({ why, values }) => [why, values])));
    expect(Object.values(suite).flat().flatMap(([, , values]) => values)).toHaveLength(1_063);
  });
});
