import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { loadDocument } from '../document/load-document.js';
import { own, ownObject, type JsonObject, type JsonValue } from '../json.js';
import { indexOperations } from '../operation/index-operations.js';
import { compileOperation } from '../tool/compile-operation.js';

function compilePet(openapi: string, pet: unknown, schemas: Record<string, unknown>) {
  const body = { type: 'object', properties: { pet } };
  const document =
    openapi === '2.0'
      ? { swagger: '2.0', paths: { '/a': { post: { operationId: 'a', consumes: ['application/json'], parameters: [{ in: 'body', name: 'body', schema: body }], responses: {} } } }, definitions: schemas }
      : { openapi, paths: { '/a': { post: { operationId: 'a', requestBody: { content: { 'application/json': { schema: body } } } } } }, components: { schemas } };
  const loaded = loadDocument(JSON.stringify(document));
  return compileOperation(loaded, indexOperations(loaded).operations[0]!);
}

const petOf = (schema: JsonObject): JsonValue | undefined => own(ownObject(schema, 'properties') ?? {}, 'pet');
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const object = (properties: Record<string, unknown>, rest: Record<string, unknown> = {}) => ({ type: 'object', properties, ...rest });
const schemas = {
  Cat: object({ kind: { type: 'string' }, lives: { type: 'integer' } }),
  Dog: object({ kind: { type: 'string' }, bark: { type: 'string' } }),
};
const union = (discriminator: unknown) => ({ oneOf: [ref('Cat'), ref('Dog')], discriminator });

function accepts(schema: JsonObject, pet: JsonValue): boolean {
  return new Ajv2020({ strict: false }).compile(structuredClone(schema))({ pet });
}

describe('S09: discriminators fix the kind in each branch', () => {
  it('with a mapping: its names', () => {
    const compiled = compilePet('3.0.3', union({ propertyName: 'kind', mapping: { cat: '#/components/schemas/Cat', dog: 'Dog' } }), schemas);
    expect(petOf(compiled.tool.inputSchema)).toEqual({
      oneOf: [
        { $ref: '#/$defs/Cat', properties: { kind: { const: 'cat' } }, required: ['kind'] },
        { $ref: '#/$defs/Dog', properties: { kind: { const: 'dog' } }, required: ['kind'] },
      ],
    });
    // Without the kind both branches would fit, and `oneOf` refuse.
    for (const [pet, isFine] of [[{ kind: 'cat', lives: 9 }, true], [{ kind: 'dog', lives: 'x' }, true], [{ kind: 'cat', lives: 'x' }, false], [{ kind: 'bird' }, false]] as const) {
      expect(accepts(compiled.tool.inputSchema, pet)).toBe(isFine);
      expect(compiled.validate({ pet }).ok).toBe(isFine);
    }
  });

  it('without a mapping: the schema names; several names for one branch: all of them', () => {
    expect(petOf(compilePet('3.1.0', union({ propertyName: 'kind' }), schemas).tool.inputSchema)).toMatchObject({ oneOf: [{ properties: { kind: { const: 'Cat' } } }, { properties: { kind: { const: 'Dog' } } }] });
    const mapping = { cat: 'Cat', kitten: '#/components/schemas/Cat' };
    expect(petOf(compilePet('3.1.0', union({ propertyName: 'kind', mapping }), schemas).tool.inputSchema)).toMatchObject({ oneOf: [{ properties: { kind: { enum: ['cat', 'kitten'] } } }, { properties: { kind: { const: 'Dog' } } }] });
  });

  it('never makes a branch that nothing can fit', () => {
    const odd = {
      Cat: object({ kind: { type: 'string', enum: ['CAT'] } }),
      Dog: object({ bark: { type: 'string' } }, { additionalProperties: false }),
    };
    const pet = petOf(compilePet('3.0.3', union({ propertyName: 'kind' }), odd).tool.inputSchema);
    expect(pet).toEqual({ oneOf: [{ $ref: '#/$defs/Cat' }, { $ref: '#/$defs/Dog' }] });
    const numbers = { Cat: object({ kind: { type: 'integer', enum: [1] } }), Dog: object({ kind: { type: 'integer', enum: [2] } }) };
    expect(petOf(compilePet('3.0.3', union({ propertyName: 'kind', mapping: { 1: 'Cat', 2: 'Dog' } }), numbers).tool.inputSchema)).toMatchObject({ oneOf: [{ properties: { kind: { const: 1 } } }, { properties: { kind: { const: 2 } } }] });
  });

  it('3.2 defaultMapping: the default branch takes what no other name is for', () => {
    const compiled = compilePet('3.2.0', union({ propertyName: 'kind', mapping: { cat: 'Cat' }, defaultMapping: 'Dog' }), schemas);
    expect(petOf(compiled.tool.inputSchema)).toEqual({ anyOf: [{ $ref: '#/$defs/Cat', properties: { kind: { const: 'cat' } }, required: ['kind'] }, { $ref: '#/$defs/Dog' }] });
    expect(compiled.validate({ pet: { kind: 'wolf' } }).ok).toBe(true);
    expect(compiled.validate({ pet: {} }).ok).toBe(true);
  });

  it.each(['3.0.3', '2.0'])('%s inheritance: a parent names its kinds, children join it, and nothing loops', (version) => {
    const discriminator = version === '2.0' ? 'kind' : { propertyName: 'kind' };
    const family = {
      Pet: object({ kind: { type: 'string', description: 'What it is.' } }, { required: ['kind'], discriminator }),
      Cat: { allOf: [ref('Pet'), object({ lives: { type: 'integer' }, friend: ref('Pet') })] },
      Dog: { allOf: [ref('Pet'), object({ bark: { type: 'string' } })] },
    };
    const text = JSON.parse(JSON.stringify(family).replaceAll('#/components/schemas/', version === '2.0' ? '#/definitions/' : '#/components/schemas/'));
    const pointer = version === '2.0' ? '#/definitions/' : '#/components/schemas/';
    const parent = compilePet(version, { $ref: `${pointer}Pet` }, text);
    expect(parent.tool.inputSchema['$defs']).toEqual({ Pet: { type: 'object', properties: { kind: { type: 'string', description: 'What it is. Kinds: Cat, Dog.' } }, required: ['kind'] } });
    expect(parent.validate({ pet: { kind: 'Cat', lives: 9 } }).ok).toBe(true);
    const child = compilePet(version, { $ref: `${pointer}Cat` }, text);
    expect(child.validate({ pet: { kind: 'Cat', lives: 9, friend: { kind: 'Dog' } } }).ok).toBe(true);
    expect(child.validate({ pet: { kind: 'Cat', lives: 'x' } }).ok).toBe(false);
    expect(child.repairs).toEqual([]);
  });

  it('a parent with oneOf of its children, which join it: no loop, kinds fixed', () => {
    const family = {
      Pet: { type: 'object', properties: { kind: { type: 'string' } }, oneOf: [ref('Cat'), ref('Dog')], discriminator: { propertyName: 'kind', mapping: { cat: 'Cat', dog: 'Dog' } } },
      Cat: { allOf: [ref('Pet'), object({ lives: { type: 'integer' } })] },
      Dog: { allOf: [ref('Pet'), object({ bark: { type: 'string' } })] },
    };
    const compiled = compilePet('3.0.3', ref('Pet'), family);
    expect(compiled.validate({ pet: { kind: 'cat', lives: 1 } }).ok).toBe(true);
    expect(accepts(compiled.tool.inputSchema, { kind: 'cat', lives: 1 })).toBe(true);
  });

  it('a wrong kind is answered with the kinds that there are', () => {
    const compiled = compilePet('3.0.3', union({ propertyName: 'kind' }), schemas);
    const result = compiled.validate({ pet: { kind: 'Bird' } });
    expect(result.ok ? '' : result.message).toBe('Argument "pet.kind" must be one of "Cat", "Dog".');
  });
});
