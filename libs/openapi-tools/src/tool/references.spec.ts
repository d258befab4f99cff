import { describe, expect, it } from '@jest/globals';
import { compileOperation } from './compile-operation.js';
import { indexOperations } from '../operation/index-operations.js';
import { own, ownObject } from '../json.js';
import { loadDocument } from '../document/load-document.js';
import { bodyDocument, checker, codesOf, compileBody, compileDocument, expectSound, propertyOf, schemaOf } from '../../../../test/tools/compiled-document.js';

const node = (inner: unknown) => ({ type: 'object', properties: { name: { type: 'string' }, next: inner } });

const circle = (place: string) => ({ A: { $ref: `#/components/${place}/B` }, B: { $ref: `#/components/${place}/A` } });

describe('references', () => {
  it.each([
    ['property', { Node: node({ $ref: '#/components/schemas/Node' }) }],
    ['list', { Node: node({ type: 'array', items: { $ref: '#/components/schemas/Node' } }) }],
    ['map', { Node: node({ type: 'object', additionalProperties: { $ref: '#/components/schemas/Node' } }) }],
    ['oneOf', { Node: node({ oneOf: [{ type: 'string' }, { $ref: '#/components/schemas/Node' }] }) }],
    ['allOf of a property', { Node: node({ allOf: [{ $ref: '#/components/schemas/Node' }] }) }],
    ['two steps', { Node: node({ $ref: '#/components/schemas/Other' }), Other: node({ $ref: '#/components/schemas/Node' }) }],
  ])('L01: a cycle through %s is finite and validates every level', (_what, schemas) => {
    const schema = schemaOf('3.0.3', { type: 'object', required: ['root'], properties: { root: { $ref: '#/components/schemas/Node' } } }, schemas);
    expectSound(schema);
    const check = checker(schema);
    expect(check({ root: { name: 'x' } })).toBe(true);
    expect(check({ root: { name: 1 } })).toBe(false);
  });

  it.each([
    ['a $ref to itself', { A: { $ref: '#/components/schemas/A' } }],
    ['two $refs in a circle', { A: { $ref: '#/components/schemas/B' }, B: { $ref: '#/components/schemas/A' } }],
    ['allOf of itself', { A: { allOf: [{ $ref: '#/components/schemas/A' }, { type: 'object', properties: { a: { type: 'string' } } }] } }],
    ['oneOf with itself', { A: { oneOf: [{ $ref: '#/components/schemas/A' }, { type: 'object' }] } }],
    ['parent and child', { A: { type: 'object', oneOf: [{ $ref: '#/components/schemas/C' }] }, C: { allOf: [{ $ref: '#/components/schemas/A' }, { type: 'object' }] } }],
  ])('L01: %s, for the same value, is cut: validators would never end', (_what, schemas) => {
    const compiled = compileBody('3.0.3', { type: 'object', properties: { p: { $ref: '#/components/schemas/A' } } }, schemas);
    expectSound(compiled.tool.inputSchema);
    expect(checker(compiled.tool.inputSchema)({ p: {} })).toBe(true);
    expect(compiled.validate({ p: {} }).ok).toBe(true);
    expect(compiled.repairs.map(({ code }) => code)).toContain('reference-cycle');
  });

  it('L02: a cycle through #/paths/… is finite', () => {
    const pointer = '#/paths/~1a/post/requestBody/content/application~1json/schema';
    const schema = schemaOf('3.0.3', { type: 'object', properties: { again: { $ref: pointer }, n: { type: 'integer' } } });
    expectSound(schema);
    expect(checker(schema)({ again: { again: { n: 1 } } })).toBe(true);
    expect(checker(schema)({ again: { again: { n: 'x' } } })).toBe(false);
  });

  it('L02: parameters, bodies and path items that only refer to each other are dropped by name', () => {
    const compiled = compileDocument({
      openapi: '3.1.0',
      paths: { '/a': { post: { parameters: [{ $ref: '#/components/parameters/A' }], requestBody: { $ref: '#/components/requestBodies/A' } } }, '/b': { $ref: '#/components/pathItems/A' }, '/c': { $ref: '#/paths/~1c' } },
      components: { parameters: circle('parameters'), requestBodies: circle('requestBodies'), pathItems: circle('pathItems') },
    });
    expectSound(compiled.tool.inputSchema);
    expect(compiled.repairs.map(({ code }) => code)).toEqual(['dangling-ref', 'dangling-ref']);
  });

  it('L03: a body that is a $ref without type has an object root', () => {
    const schema = schemaOf('3.0.3', { $ref: '#/components/schemas/B' }, { B: { properties: { a: { type: 'string' } }, required: ['a'] } });
    expectSound(schema);
    expect(schema).toMatchObject({ properties: { a: { type: 'string' } }, required: ['a'] });
  });

  it('L04: dangling references become {} with a named diagnostic', () => {
    expect(propertyOf('3.0.3', { $ref: '#/components/schemas/Nope' })).toEqual({});
    expect(codesOf('3.0.3', { $ref: '#/components/schemas/constructor' })).toEqual(['dangling-ref']);
    const document = bodyDocument('3.0.3', {});
    const compiled = compileDocument({ ...document, paths: { '/a': { post: { requestBody: { $ref: '#/components/requestBodies/gone' }, parameters: [{ $ref: '#/components/parameters/gone' }] } } } });
    expectSound(compiled.tool.inputSchema);
    expect(compiled.repairs.map(({ code }) => code)).toEqual(['dangling-ref', 'dangling-ref']);
  });

  it('L05: pointers with ~1, ~0, percent-escapes, array indices, and through other references', () => {
    const schemas = {
      'a/b~c': { type: 'string' },
      '{x} y': { type: 'integer' },
      Outer: { type: 'object', properties: { inner: { $ref: '#/components/schemas/Inner' } }, allOf: [{ type: 'object', properties: { z: { type: 'boolean' } } }] },
      Inner: { type: 'object', properties: { deep: { type: 'array', items: { type: 'number' } } } },
    };
    for (const [pointer, good, bad] of [
      ['#/components/schemas/a~1b~0c', 'x', 1],
      ['#/components/schemas/%7Bx%7D%20y', 1, 'x'],
      ['#/components/schemas/Outer/allOf/0/properties/z', true, 1],
      ['#/components/schemas/Outer/properties/inner/properties/deep', [1], ['x']],
    ] as const) {
      const schema = schemaOf('3.1.0', { type: 'object', properties: { p: { $ref: pointer } } }, schemas);
      expectSound(schema);
      expect(checker(schema)({ p: good })).toBe(true);
      expect(checker(schema)({ p: bad })).toBe(false);
    }
  });

  it('L06: siblings of $ref are ignored in 3.0 but for the description, and apply in 3.1', () => {
    const schemas = { S: { type: 'string' } };
    const written = { $ref: '#/components/schemas/S', description: 'd', maxLength: 2, nullable: true };
    expect(propertyOf('3.0.3', written, schemas)).toEqual({ $ref: '#/$defs/S', description: 'd' });
    expect(propertyOf('3.1.0', written, schemas)).toEqual({ $ref: '#/$defs/S', description: 'd', maxLength: 2 });
  });

  it('L08: the document is not changed and two conversions are equal, in any order', () => {
    const document = bodyDocument('3.0.3', { $ref: '#/components/schemas/A' }, { A: { type: 'object', properties: { b: { nullable: true, allOf: [{ $ref: '#/components/schemas/A' }] } } } });
    const text = JSON.stringify({ ...document, paths: { ...(document['paths'] as object), '/b': { get: { parameters: [{ name: 'q', in: 'query', schema: { $ref: '#/components/schemas/A/properties/b' } }] } } } });
    const compileAll = (reverse: boolean) => {
      const loaded = loadDocument(text);
      const { operations } = indexOperations(loaded);
      const tools = (reverse ? operations.toReversed() : operations).map((operation) => JSON.stringify(compileOperation(loaded, operation).tool));
      expect(JSON.stringify(loaded.root)).toBe(text);
      return reverse ? tools.toReversed() : tools;
    };
    expect(compileAll(true)).toEqual(compileAll(false));
  });

  it.each(['http://127.0.0.1:9/x.json', 'https://evil.example/x#/a', 'file:///etc/passwd', '//evil.example/x', '../secret.yaml#/a', 'x.json', 'C:\\x'])(
    'attack 14: %s is refused, named, and nothing is read',
    ($ref) => {
      const body = compileBody('3.1.0', { type: 'object', properties: { p: { $ref } } });
      expect(own(ownObject(body.tool.inputSchema, 'properties') ?? {}, 'p')).toEqual({});
      expect(body.repairs).toEqual([expect.objectContaining({ code: 'external-ref' })]);
      const parameter = compileDocument({ openapi: '3.0.0', paths: { '/a': { post: { parameters: [{ $ref }], requestBody: { $ref } } } } });
      expect(parameter.repairs.map(({ code }) => code)).toEqual(['external-ref', 'external-ref']);
      expect(JSON.stringify(parameter.tool.inputSchema)).not.toContain($ref);
    },
  );

  it('L10: 3.1 keywords are kept and valid, $dynamicRef and $recursiveRef resolve', () => {
    const schemas = {
      Tree: { type: 'object', $dynamicAnchor: 'node', properties: { kids: { type: 'array', items: { $dynamicRef: '#node' } }, v: { type: 'integer' } } },
      Old: { type: 'object', $recursiveAnchor: true, properties: { kid: { $recursiveRef: '#' }, v: { type: 'integer' } } },
    };
    const body = {
      type: 'object',
      properties: {
        any: true,
        none: false,
        either: { type: ['string', 'null'] },
        fixed: { const: 1 },
        pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }] },
        local: { $defs: { x: { type: 'boolean' } }, type: 'object', properties: { a: { type: 'string' } }, unevaluatedProperties: false },
        tree: { $ref: '#/components/schemas/Tree' },
        old: { $ref: '#/components/schemas/Old' },
      },
    };
    const schema = schemaOf('3.1.0', body, schemas);
    expectSound(schema);
    const check = checker(schema);
    expect(check({ any: 1, either: null, fixed: 1, pair: ['a', 1], local: { a: 'x' }, tree: { kids: [{ v: 1 }] }, old: { kid: { v: 1 } } })).toBe(true);
    for (const wrong of [{ none: 1 }, { either: 1 }, { fixed: 2 }, { pair: [1] }, { local: { b: 1 } }, { tree: { kids: [{ v: 'x' }] } }, { old: { kid: { v: 'x' } } }]) {
      expect(check(wrong)).toBe(false);
    }
  });
});
