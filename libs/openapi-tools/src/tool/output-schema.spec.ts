import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { loadDocument } from '../document/load-document.js';
import type { JsonObject, JsonValue } from '../json.js';
import { indexOperations } from '../operation/index-operations.js';
import { clientProfiles } from './client-profile.js';
import { compileOperation } from './compile-operation.js';

function compileAnswers(responses: Record<string, unknown>, schemas: Record<string, unknown> = {}, options: { maxOutputBytes?: number } = {}) {
  const document = loadDocument(JSON.stringify({ openapi: '3.0.3', paths: { '/a': { get: { operationId: 'a', responses } } }, components: { schemas } }));
  return compileOperation(document, indexOperations(document).operations[0]!, { profile: clientProfiles['full']!, ...options });
}
const json = (schema: unknown) => ({ description: '', content: { 'application/json': { schema } } });
const outputOf = (schema: unknown, schemas: Record<string, unknown> = {}) => compileAnswers({ 200: json(schema) }, schemas).output;
const schemaOf = (schema: unknown, schemas: Record<string, unknown> = {}): JsonObject => outputOf(schema, schemas)?.schema ?? {};
const check = (schema: JsonObject, value: JsonValue): boolean => new Ajv2020({ strict: false, validateFormats: false }).compile(structuredClone(schema))(value);

describe('output schemas', () => {
  it('the default profile has none, the full one shows it in the tool', () => {
    const document = loadDocument(JSON.stringify({ openapi: '3.1.0', paths: { '/a': { get: { responses: { 200: json({ type: 'object', properties: { a: { type: 'string' } } }) } } } } }));
    const [operation] = indexOperations(document).operations;
    const plain = compileOperation(document, operation!);
    expect(plain.tool.outputSchema).toBeUndefined();
    expect(plain.output).toBeUndefined();
    const full = compileOperation(document, operation!, { profile: clientProfiles['full']! });
    expect(full.tool.outputSchema).toEqual({ type: 'object', properties: { a: { type: ['string', 'null'] } } });
    expect(full.output?.schema).toBe(full.tool.outputSchema);
  });

  it('S08: writeOnly properties are not in answers, readOnly ones are', () => {
    const schemas = { User: { type: 'object', required: ['id', 'password'], properties: { id: { type: 'string', readOnly: true }, password: { type: 'string', writeOnly: true }, nested: { $ref: '#/components/schemas/Secret' } } }, Secret: { type: 'object', properties: { key: { type: 'string', writeOnly: true }, hint: { type: 'string' } } } };
    const schema = schemaOf({ $ref: '#/components/schemas/User' }, schemas);
    expect(Object.keys(Object(schema['properties']))).toEqual(['id', 'nested']);
    expect(JSON.stringify(schema)).not.toContain('password');
    expect(schema['$defs']).toEqual({ Secret: { type: ['object', 'null'], properties: { hint: { type: ['string', 'null'] } } } });
  });

  it.each<[string, unknown]>([
    ['array', { type: 'array', items: { type: 'integer' } }],
    ['string', { type: 'string', format: 'uri', pattern: '^x' }],
  ])('R03: a root of %s stands in "result"', (type, schema) => {
    expect(schemaOf(schema)).toMatchObject({ type: 'object', properties: { result: { type: [type, 'null'] } } });
  });

  it('a root that may be an object or something else is any object: it may come wrapped or not', () => {
    expect(schemaOf({ oneOf: [{ type: 'object', properties: { a: {} } }, { type: 'array', items: {} }] })).toEqual({ type: 'object' });
    expect(schemaOf({})).toEqual({ type: 'object' });
  });

  it('a recursive root and a union of objects keep what is certain', () => {
    const schemas = { Node: { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } } }, Other: { type: 'object', properties: { b: { type: 'integer' } } } };
    const node = schemaOf({ $ref: '#/components/schemas/Node' }, schemas);
    expect(node).toEqual({ type: 'object', properties: { next: { $ref: '#/$defs/Node' } }, $defs: { Node: { type: ['object', 'null'], properties: { next: { $ref: '#/$defs/Node' } } } } });
    const union = schemaOf({ oneOf: [{ $ref: '#/components/schemas/Node' }, { $ref: '#/components/schemas/Other' }] }, schemas);
    expect(union['type']).toBe('object');
    expect(check(union, { b: 1, extra: true })).toBe(true);
  });

  it('R04: extra members, missing ones, null, broken bounds and unknown formats pass a client that validates', () => {
    const strict = {
      type: 'object',
      required: ['id', 'state'],
      additionalProperties: false,
      properties: { id: { type: 'integer', minimum: 1 }, state: { type: 'string', enum: ['on', 'off'] }, when: { type: 'string', format: 'date-time', maxLength: 3 }, tags: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'string' } }, kind: { oneOf: [{ type: 'string', enum: ['a'] }, { type: 'string' }] } },
    };
    const output = outputOf(strict);
    for (const value of [{}, { id: null, state: null, when: null, tags: [null], kind: null }, { id: -1, extra: { deep: 1 } }, { when: 'yesterday', tags: ['x', 'x'], kind: 'a' }]) {
      expect(output?.accepts(value)).toBe(true);
      expect(check(output?.schema ?? {}, value)).toBe(true);
    }
    // What still does not fit is known before a client throws: then the answer is `{}`, which always fits.
    for (const value of [{ id: 'x' }, { state: 'broken' }, { tags: 'x' }]) {
      expect(output?.accepts(value)).toBe(false);
      expect(check(output?.schema ?? {}, value)).toBe(false);
    }
    expect(output?.accepts({})).toBe(true);
  });

  it('takes the lowest success answer with JSON, and no error\'s', () => {
    const named = (name: string) => json({ type: 'object', properties: { [name]: {} } });
    const nameIn = (responses: Record<string, unknown>) => Object.keys(Object(compileAnswers(responses).output?.schema['properties']));
    expect(nameIn({ 404: named('no'), 201: named('created'), default: named('no') })).toEqual(['created']);
    expect(nameIn({ 200: { description: '' }, '2XX': named('range') })).toEqual(['range']);
    expect(nameIn({ default: named('fallback') })).toEqual(['fallback']);
    expect(compileAnswers({ 204: { description: '' }, default: named('error') }).output).toBeUndefined();
    expect(compileAnswers({ 200: { content: { 'text/csv': { schema: { type: 'string' } } } } }).output).toBeUndefined();
  });

  it('S17: stays within its budget, marked where it is shortened', () => {
    const schemas = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`S${at}`, { type: 'object', properties: { ...Object.fromEntries(Array.from({ length: 20 }, (_unused, property) => [`property${property}`, { type: 'string', description: 'x'.repeat(40) }])), next: { $ref: `#/components/schemas/S${at + 1}` } } }]));
    const { output } = compileAnswers({ 200: json({ $ref: '#/components/schemas/S0' }) }, { ...schemas, S60: { type: 'string' } });
    const text = JSON.stringify(output?.schema);
    expect(text.length).toBeLessThanOrEqual(16 * 1024);
    expect(text.length).toBeGreaterThan(8 * 1024);
    expect(text).toContain('(shortened: ');
    expect(check(output?.schema ?? {}, { next: { next: null } })).toBe(true);
  });
});
