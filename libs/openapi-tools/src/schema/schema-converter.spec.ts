import { threadTime } from '@gatehouse-mcp/testing';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { loadDocument } from '../document/load-document.js';
import { own, ownObject, type JsonObject, type JsonValue } from '../json.js';
import { indexOperations } from '../operation/index-operations.js';
import { compileOperation } from '../tool/compile-operation.js';

function compileProperty(openapi: string, p: unknown, schemas: Record<string, unknown> = {}) {
  const schema = { type: 'object', properties: { p } };
  const body = openapi === '2.0' ? { consumes: ['application/json'], parameters: [{ in: 'body', name: 'body', schema }] } : { requestBody: { content: { 'application/json': { schema } } } };
  const document = { ...(openapi === '2.0' ? { swagger: '2.0', definitions: schemas } : { openapi, components: { schemas } }), paths: { '/a': { post: { operationId: 'a', ...body, responses: {} } } } };
  const loaded = loadDocument(JSON.stringify(document));
  return compileOperation(loaded, indexOperations(loaded).operations[0]!);
}
const propertyOf = (openapi: string, p: unknown, schemas: Record<string, unknown> = {}): JsonValue | undefined => own(ownObject(compileProperty(openapi, p, schemas).tool.inputSchema, 'properties') ?? {}, 'p');
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

function expectBoth(openapi: string, p: unknown, schemas: Record<string, unknown>, value: JsonValue, isFine: boolean): void {
  const compiled = compileProperty(openapi, p, schemas);
  const shown: JsonObject = compiled.tool.inputSchema;
  expect(compiled.validate({ p: value }).ok).toBe(isFine);
  expect(new Ajv2020({ strict: false, validateFormats: false }).compile(structuredClone(shown))({ p: value })).toBe(isFine);
}

describe('S10: allOf whose members admit only their own properties', () => {
  const closed = { type: 'object', required: ['a'], properties: { a: { type: 'string' } }, additionalProperties: false };
  const schemas = { Base: closed, Other: { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: false } };

  it.each<[string, unknown]>([
    ['two references', { allOf: [ref('Base'), ref('Other')] }],
    ['two inline', { allOf: [closed, schemas.Other] }],
    ['a reference and properties beside it', { allOf: [ref('Base')], properties: { b: { type: 'string' } } }],
    ['the whole is closed too', { allOf: [ref('Base')], properties: { b: { type: 'string' } }, additionalProperties: false }],
  ])('%s: all of them together are accepted', (_what, schema) => {
    for (const version of ['3.0.3', '3.1.0']) {
      expectBoth(version, schema, schemas, { a: 'x', b: 'y' }, true);
      expectBoth(version, schema, schemas, { a: 1, b: 'y' }, false);
      expectBoth(version, schema, schemas, { b: 'y' }, false);
    }
  });

  it('what no member names is still refused where the whole says so, and where a member stands alone', () => {
    expectBoth('3.0.3', { allOf: [ref('Base')], properties: { b: {} }, additionalProperties: false }, schemas, { a: 'x', c: 1 }, false);
    expectBoth('3.0.3', ref('Base'), schemas, { a: 'x', b: 'y' }, false);
  });
});

describe('S13: defaults are kept only where they are valid; examples and the like never', () => {
  it.each<[unknown, unknown]>([
    [{ type: 'string', default: 5 }, { type: 'string' }],
    [{ type: 'string', enum: ['a'], default: 'b' }, { type: 'string', enum: ['a'] }],
    [{ type: 'integer', minimum: 3, default: 1 }, { type: 'integer', minimum: 3 }],
    [{ type: 'string', pattern: '^a', default: 'b' }, { type: 'string', pattern: '^a' }],
    [{ type: 'integer', minimum: 3, default: 4 }, { type: 'integer', minimum: 3, default: 4 }],
    [{ type: 'string', default: null }, { type: 'string' }],
    [{ type: 'string', nullable: true, default: null }, { type: ['string', 'null'], default: null }],
    [{ type: 'string', example: 'x', examples: ['y'], xml: {}, externalDocs: {}, 'x-y': 1 }, { type: 'string' }],
  ])('%j becomes %j', (written, expected) => {
    expect(propertyOf('3.0.3', written)).toEqual(expected);
  });
});

describe('Swagger 2.0 schemas (L09, part)', () => {
  it('read like 3.0, x-nullable as nullable, definitions keep their names', () => {
    const compiled = compileProperty('2.0', { $ref: '#/definitions/Pet', maxLength: 3 }, { Pet: { type: 'object', properties: { a: { type: 'string', 'x-nullable': true }, b: { type: 'integer', minimum: 0, exclusiveMinimum: true } } } });
    expect(compiled.tool.inputSchema).toMatchObject({
      properties: { p: { $ref: '#/$defs/Pet' } },
      $defs: { Pet: { type: 'object', properties: { a: { type: ['string', 'null'] }, b: { type: 'integer', exclusiveMinimum: 0 } } } },
    });
  });
});

describe('L17: values as fuzzing found them', () => {
  const nested = (depth: number, wrap: (inner: unknown) => unknown): unknown => (depth === 0 ? { type: 'string' } : wrap(nested(depth - 1, wrap)));

  it.each(['type', 'format', 'minimum', 'pattern', 'enum', 'required', 'discriminator'])('%s that is nested 2,000 levels deep is ignored', (keyword) => {
    expect(() => compileProperty('3.1.0', { [keyword]: nested(2_000, (inner) => [inner]) }).tool).not.toThrow();
  });

  it('a chain of 2,000 allOf is read in well under a second', () => {
    const started = threadTime();
    void compileProperty('3.1.0', nested(2_000, (inner) => ({ allOf: [inner] }))).tool;
    expect(threadTime() - started).toBeLessThan(1_000);
  });

  it('dependentRequired names each name once', () => {
    expect(propertyOf('3.1.0', { type: 'object', dependentRequired: { a: ['b', 'b'] } })).toMatchObject({ dependentRequired: { a: ['b'] } });
  });

  it('a number that is written with 400 digits as text is no bound', () => {
    expect(propertyOf('3.0.3', { type: 'number', multipleOf: '9'.repeat(400) })).toEqual({ type: 'number' });
  });
});
