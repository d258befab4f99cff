import { describe, expect, it, jest } from '@jest/globals';
import { loadDocument } from '../document/load-document.js';
import type { JsonObject } from '../json.js';
import { fileShapeOf } from './file-schema.js';

const { definitions } = loadDocument(JSON.stringify({ openapi: '3.1.0', paths: {}, components: { schemas: { File: { type: 'string', format: 'binary' }, Text: { type: 'string', format: 'uuid' } } } }));
const file = { $ref: '#/components/schemas/File' };
const text = { $ref: '#/components/schemas/Text' };
const union = (members: readonly JsonObject[]): JsonObject => ({ anyOf: members });
const shapeOf = (schema: JsonObject) => fileShapeOf(definitions, schema, []);

describe('the file that a schema stands for', () => {
  it('is that of all branches of a union, one or many', () => {
    expect(shapeOf(union([file, { type: 'null' }]))).toEqual({ arity: 'one' });
    expect(shapeOf(union([file, { type: 'array', items: file }]))).toEqual({ arity: 'either' });
    expect(shapeOf(union([{ type: 'array', items: file }, file, { type: 'array', items: file }]))?.arity).toBe('either');
    expect(shapeOf(union([file, text]))).toBeUndefined();
  });

  it('is found in bounded steps, whatever unions hold unions (found by the fuzzer)', () => {
    const follow = jest.spyOn(definitions.references, 'follow');
    const wide = (count: number, member: JsonObject) => union(Array.from({ length: count }, () => member));
    // The first branch that is no file decides.
    expect(shapeOf(wide(30, wide(30, wide(30, text))))).toBeUndefined();
    expect(follow.mock.calls.length).toBeLessThan(5);
    // So many branches are no file at all.
    expect(shapeOf(wide(1_000, wide(1_000, wide(1_000, file))))).toBeUndefined();
    expect(follow.mock.calls.length).toBeLessThan(5);
  });
});
