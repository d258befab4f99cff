import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { compileOperation } from './compile-operation.js';
import { indexOperations } from '../operation/index-operations.js';
import { ownObject, type JsonObject } from '../json.js';
import { loadDocument } from '../document/load-document.js';

type Schemas = Record<string, unknown>;

function documentOf(openapi: string, body: unknown, schemas: Schemas = {}, extra: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    openapi,
    info: { title: 'T', version: '1' },
    paths: { '/a': { post: { operationId: 'a', requestBody: { required: true, content: { 'application/json': { schema: body } } }, responses: {} } } },
    components: { schemas },
    ...extra,
  };
}

function compileDocument(document: unknown) {
  const loaded = loadDocument(JSON.stringify(document));
  const [operation] = indexOperations(loaded).operations;
  if (operation === undefined) throw new Error('no operation');
  return compileOperation(loaded, operation);
}

const compileBody = (openapi: string, body: unknown, schemas: Schemas = {}) => compileDocument(documentOf(openapi, body, schemas));
/** Strict reading by an independent validator with its meta-schema: throws for an invalid schema or a dangling reference. */
function checker(schema: JsonObject) {
  return new Ajv2020({ strict: false, validateFormats: false }).compile(structuredClone(schema));
}

function expectSound(schema: JsonObject): void {
  expect(schema['type']).toBe('object');
  for (const keyword of ['oneOf', 'anyOf', 'allOf', 'not', '$ref']) expect(Object.hasOwn(schema, keyword)).toBe(false);
  expect(() => checker(schema)({})).not.toThrow();
}

describe('L17: a body that joins schemas without end', () => {
  it('in 20,000 levels of allOf is one argument', () => {
    const text = JSON.stringify(documentOf('3.1.0', '@'));
    const deep = `${'{"allOf":['.repeat(20_000)}{"type":"object","properties":{"a":{"type":"string"}}}${']}'.repeat(20_000)}`;
    const loaded = loadDocument(text.replace('"@"', deep));
    const [operation] = indexOperations(loaded).operations;
    if (operation === undefined) throw new Error('no operation');
    expect(Object.keys(ownObject(compileOperation(loaded, operation).tool.inputSchema, 'properties') ?? {})).toEqual(['body']);
  });

  it('through 500 references is one argument', () => {
    const chain = Array.from({ length: 500 }, (_, index) => [`S${index}`, { allOf: [{ $ref: `#/components/schemas/S${index + 1}` }] }] as const);
    const schemas = { ...Object.fromEntries(chain), S500: { type: 'object', properties: { a: { type: 'string' } } } };
    const { tool } = compileBody('3.1.0', { $ref: '#/components/schemas/S0' }, schemas);
    expect(Object.keys(ownObject(tool.inputSchema, 'properties') ?? {})).toEqual(['body']);
  });
});

describe('body roots', () => {
  it.each([
    ['oneOf', { oneOf: [{ type: 'object', properties: { a: { type: 'string' } } }, { type: 'object' }] }],
    ['anyOf', { anyOf: [{ type: 'object' }] }],
    ['allOf with a union', { allOf: [{ $ref: '#/components/schemas/U' }, { type: 'object', properties: { a: { type: 'string' } } }] }],
    ['array', { type: 'array', items: { type: 'string' } }],
    ['string', { type: 'string' }],
    ['{}', {}],
    ['true', true],
    ['$ref to a union', { $ref: '#/components/schemas/U' }],
    ['a map', { type: 'object', additionalProperties: { type: 'string' } }],
    ['nullable', { type: 'object', nullable: true, properties: { a: { type: 'string' } } }],
    ['41 properties', { type: 'object', properties: Object.fromEntries(Array.from({ length: 41 }, (_, at) => [`p${at}`, {}])) }],
  ])('S15: a body root of %s becomes one argument "body" below an object root', (_what, body) => {
    const compiled = compileBody('3.0.3', body, { U: { oneOf: [{ type: 'object' }, { type: 'string' }] } });
    expectSound(compiled.tool.inputSchema);
    expect(Object.keys(ownObject(compiled.tool.inputSchema, 'properties') ?? {})).toEqual(['body']);
    expect(compiled.tool.inputSchema['required']).toEqual(['body']);
  });
});
