import { describe, expect, it } from '@jest/globals';
import { ownObject } from '../json.js';
import { argumentsOf, bodyDocument, compileBody, compileDocument, expectSound } from '../../../../test/tools/compiled-document.js';

describe('L17: a body that joins schemas without end', () => {
  it('in 20,000 levels of allOf is one argument', () => {
    const text = JSON.stringify(bodyDocument('3.1.0', '@'));
    const deep = `${'{"allOf":['.repeat(20_000)}{"type":"object","properties":{"a":{"type":"string"}}}${']}'.repeat(20_000)}`;
    expect(Object.keys(argumentsOf(compileDocument(text.replace('"@"', deep))))).toEqual(['body']);
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
