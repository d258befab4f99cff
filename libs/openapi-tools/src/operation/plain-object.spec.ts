import { describe, expect, it, jest } from '@jest/globals';
import { loadDocument } from '../document/load-document.js';
import { collectProperties } from './plain-object.js';

/** Schemas that join each other, each all the others. */
function joined(count: number) {
  const names = Array.from({ length: count }, (_, index) => `S${index}`);
  const allOf = names.map((name) => ({ $ref: `#/components/schemas/${name}` }));
  const schemas = Object.fromEntries(names.map((name) => [name, { properties: { [`of${name}`]: { type: 'string' } }, allOf }]));
  return loadDocument(JSON.stringify({ openapi: '3.1.0', paths: {}, components: { schemas } })).definitions;
}

describe('the properties that a schema and what it joins name', () => {
  it('are found in steps that grow with the references, not with the ways between them (found by the fuzzer)', () => {
    const definitions = joined(30);
    const follow = jest.spyOn(definitions.references, 'follow');
    const found = collectProperties(definitions, { $ref: '#/components/schemas/S0' });
    expect(found.size).toBe(30);
    // One for each reference of each schema, and the first one: 30² + 1. Along every way it would be 30⁸.
    expect(follow).toHaveBeenCalledTimes(901);
  });
});
