import { threadTime } from '@gatehouse-mcp/testing';
import { describe, expect, it } from '@jest/globals';
import { isObject, own, ownObject } from '../json.js';
import { bodyDocument, checker, codesOf, compileBody, compileDocument, expectSound, propertyOf, schemaOf } from '../../../../test/tools/compiled-document.js';

describe('schema repairs', () => {
  it('S01: nullable admits null where 3.0 says so, and is valid 2020-12', () => {
    const schemas = { S: { type: 'string' } };
    expect(propertyOf('3.0.3', { type: 'string', nullable: true })).toEqual({ type: ['string', 'null'] });
    expect(propertyOf('3.0.3', { type: 'string', nullable: true, enum: ['a', null] })).toEqual({ type: ['string', 'null'], enum: ['a', null] });
    expect(propertyOf('3.0.3', { type: 'string', nullable: true, enum: ['a'] })).toEqual({ type: ['string', 'null'], enum: ['a'] });
    expect(propertyOf('3.0.3', { nullable: true })).toEqual({});
    expect(propertyOf('3.0.3', { nullable: true, allOf: [{ $ref: '#/components/schemas/S' }] }, schemas)).toEqual({ anyOf: [{ allOf: [{ $ref: '#/$defs/S' }] }, { type: 'null' }] });
    expect(propertyOf('3.0.3', { $ref: '#/components/schemas/S', nullable: true }, schemas)).toEqual({ $ref: '#/$defs/S' });
    expect(propertyOf('3.1.0', { type: 'string', nullable: true })).toEqual({ type: 'string' });
  });

  it('S02: a boolean exclusiveMinimum becomes the number', () => {
    expect(propertyOf('3.0.3', { type: 'integer', minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false })).toEqual({ type: 'integer', exclusiveMinimum: 0, maximum: 9 });
    expect(propertyOf('3.1.0', { type: 'integer', exclusiveMaximum: 5 })).toEqual({ type: 'integer', exclusiveMaximum: 5 });
    expect(propertyOf('3.0.3', { type: 'integer', exclusiveMinimum: true })).toEqual({ type: 'integer' });
  });

  it('S03: an array without items gets them', () => {
    expect(propertyOf('3.0.3', { type: 'array' })).toEqual({ type: 'array', items: {} });
    expect(propertyOf('3.1.0', { type: ['array', 'null'] })).toEqual({ type: ['array', 'null'], items: {} });
    expect(codesOf('3.0.3', { type: 'array' })).toEqual(['missing-items']);
  });

  it.each(['\\A\\d+\\z', '[a-z', '(?<n>a)(?<n>b)', 'a++', '[\\w-.]+'])('S04: the pattern %s, which clients cannot compile, is dropped by name', (pattern) => {
    expect(propertyOf('3.0.3', { type: 'string', pattern })).toEqual({ type: 'string' });
    expect(codesOf('3.0.3', { type: 'string', pattern })).toEqual(['invalid-pattern']);
  });

  it('S05: enums are unique, of the type, and dropped when nothing is left', () => {
    expect(propertyOf('3.0.3', { type: 'string', enum: ['a', 'b', 'a'] })).toEqual({ type: 'string', enum: ['a', 'b'] });
    expect(propertyOf('3.0.3', { type: 'string', enum: [] })).toEqual({ type: 'string' });
    expect(propertyOf('3.0.3', { type: 'integer', enum: ['1', '2', 'x'] })).toEqual({ type: 'integer', enum: [1, 2] });
    expect(propertyOf('3.0.3', { type: 'string', enum: [1, true] })).toEqual({ type: 'string', enum: ['1', 'true'] });
    expect(codesOf('3.0.3', { type: 'string', enum: ['a', 'a'] })).toEqual(['invalid-enum']);
  });

  it.each([
    [{ type: 'file' }, { type: 'string' }],
    [{ type: 'any' }, {}],
    [{ type: 'String' }, { type: 'string' }],
    [{ type: 'int' }, { type: 'integer' }],
    [{ type: null }, { type: 'null' }],
    [{ type: ['string', 'bogus'] }, { type: 'string' }],
    [{ type: 'string', minLength: '1' }, { type: 'string', minLength: 1 }],
    [{ type: 'string', maxLength: -1 }, { type: 'string' }],
    [{ type: 'string', maxLength: 'x' }, { type: 'string' }],
    [{ type: 'array', items: [] }, { type: 'array', items: {} }],
    [{ type: 'string', required: true }, { type: 'string' }],
    [{ oneOf: [] }, {}],
    [{ allOf: [null] }, {}],
  ])('S06: %j becomes %j with a named repair', (written, expected) => {
    expect(propertyOf('3.0.3', written)).toEqual(expected);
    expect(codesOf('3.0.3', written).length).toBeGreaterThan(0);
  });

  it('S06: a boolean required on a property makes it required', () => {
    expect(schemaOf('3.0.3', { type: 'object', properties: { p: { type: 'object', properties: { q: { type: 'string', required: true } } } } })['properties']).toEqual({
      p: { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] },
    });
  });

  it('S07: readOnly properties leave requests, also nested, through allOf and $ref', () => {
    const schemas = {
      Base: { type: 'object', required: ['id', 'name'], properties: { id: { type: 'string', readOnly: true }, name: { type: 'string' } } },
      Id: { type: 'string', readOnly: true },
      Strict: { type: 'object', required: ['stamp'], properties: { keep: { type: 'string' } } },
    };
    const body = {
      allOf: [{ $ref: '#/components/schemas/Base' }, { type: 'object', required: ['ref', 'child'], properties: { ref: { $ref: '#/components/schemas/Id' }, child: { $ref: '#/components/schemas/Base' } } }],
    };
    const schema = schemaOf('3.0.3', body, schemas);
    expectSound(schema);
    expect(schema).toEqual({
      type: 'object',
      properties: { name: { type: 'string' }, child: { $ref: '#/$defs/Base' } },
      required: ['name', 'child'],
      additionalProperties: false,
      $defs: { Base: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } },
    });
    // Required in one member, read-only by another: neither may ask for it.
    const split = schemaOf('3.0.3', { type: 'object', properties: { p: { allOf: [{ $ref: '#/components/schemas/Strict' }, { properties: { stamp: { type: 'string', readOnly: true } } }] } } }, schemas);
    expect(checker(split)({ p: {} })).toBe(true);
    expect(JSON.stringify(split)).not.toContain('stamp');
  });

  it('S11: properties named like JavaScript or JSON Schema are data', () => {
    const names = ['constructor', 'toString', '$ref', 'type', 'required', 'properties', 'hasOwnProperty', '$defs'];
    const text = `{"__proto__":{"type":"integer"},${names.map((name) => `"${name}":{"type":"string"}`).join(',')}}`;
    const inner: unknown = JSON.parse(`{"type":"object","required":["constructor"],"properties":${text}}`);
    const compiled = compileBody('3.0.3', { type: 'object', properties: { p: inner } });
    const p = own(ownObject(compiled.tool.inputSchema, 'properties') ?? {}, 'p');
    const properties = isObject(p) ? ownObject(p, 'properties') : undefined;
    expect(Object.keys(properties ?? {}).sort()).toEqual(['__proto__', ...names].sort());
    expect(compiled.validate({ p: { constructor: 'x', toString: 'y', $ref: 'z' } }).ok).toBe(true);
    expect(compiled.validate({ p: { constructor: 'x' } }).ok).toBe(true);
    expect(compiled.validate({ p: {} }).ok).toBe(false);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(propertyOf('3.0.3', { type: 'object', properties: { x: { $ref: { type: 'string' } } } })).toEqual({ type: 'object', properties: { x: {} } });
  });

  it('S12, S18: identifiers that would rebase references and OpenAPI\'s own members are stripped', () => {
    const written = { $id: 'https://x.example/s', $schema: 'http://json-schema.org/draft-04/schema#', $anchor: 'a', id: 'i', type: 'object', example: {}, xml: {}, externalDocs: {}, discriminator: { propertyName: 't' }, 'x-internal': 1, properties: { q: { $ref: '#/components/schemas/S' } } };
    const schema = schemaOf('3.1.0', { type: 'object', properties: { p: written } }, { S: { type: 'string', $id: 'https://y.example' } });
    expectSound(schema);
    expect(own(ownObject(schema, 'properties') ?? {}, 'p')).toEqual({ type: 'object', properties: { q: { $ref: '#/$defs/S' } } });
  });

  it('a refused branch of oneOf does not make the other branches fail', () => {
    const schema = schemaOf('3.0.3', { type: 'object', properties: { p: { oneOf: [{ $ref: 'other.yaml' }, { type: 'string' }] } } });
    expect(checker(schema)({ p: 'x' })).toBe(true);
  });

  it('S16: only the closure of the operation is embedded, with no reference left dangling', () => {
    const schema = schemaOf('3.0.3', { type: 'object', properties: { p: { $ref: '#/components/schemas/A' } } }, {
      A: { type: 'object', properties: { b: { $ref: '#/components/schemas/B' } } },
      B: { type: 'string' },
      Unused: { type: 'object' },
    });
    expectSound(schema);
    expect(Object.keys(ownObject(schema, '$defs') ?? {})).toEqual(['A', 'B']);
  });

  it('attack 35: a union of 10,000 branches is dropped by name', () => {
    const oneOf = Array.from({ length: 10_000 }, (_, at) => ({ type: 'object', required: [`k${at}`] }));
    const start = threadTime();
    const compiled = compileBody('3.0.3', { type: 'object', properties: { p: { oneOf } } });
    expect(compiled.repairs.map(({ code }) => code)).toEqual(['too-many-members']);
    expect(compiled.validate({ p: {} }).ok).toBe(true);
    expect(threadTime() - start).toBeLessThan(1_000);
  });

  it('L17: a schema nested 10,000 levels deep is bounded', () => {
    const deep = `${'{"type":"object","properties":{"p":'.repeat(5_000)}{}${'}}'.repeat(5_000)}`;
    const text = JSON.stringify(bodyDocument('3.0.3', '@')).replace('"@"', deep);
    const compiled = compileDocument(text);
    expect(compiled.repairs.map(({ code }) => code)).toContain('too-deep');
    expectSound(compiled.tool.inputSchema);
  });
});
