import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { loadDocument } from '../document/load-document.js';
import { ownObject } from '../json.js';
import { indexOperations } from '../operation/index-operations.js';
import { clientProfiles } from './client-profile.js';
import { compileOperation, type CompileOptions } from './compile-operation.js';

function compile(schema: unknown, schemas: Record<string, unknown>, options: CompileOptions = {}) {
  const document = loadDocument(JSON.stringify({ openapi: '3.0.3', paths: { '/a': { post: { operationId: 'a', parameters: [{ name: 'id', in: 'query', required: true, description: 'Which one.', schema: { type: 'string' } }], requestBody: { required: true, content: { 'application/json': { schema } } } } } }, components: { schemas } }));
  return compileOperation(document, indexOperations(document).operations[0]!, options);
}
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const wide = (count: number, rest: Record<string, unknown> = {}) => ({ type: 'object', properties: { ...Object.fromEntries(Array.from({ length: count }, (_, at) => [`member${at}`, { type: 'string', description: `Says what member ${at} is for.` }])), ...rest } });
const large = { Top: { type: 'object', required: ['items'], properties: { items: { type: 'array', items: ref('Item') }, address: ref('Address') } }, Item: wide(300, { part: ref('Part'), self: ref('Item') }), Part: wide(300), Address: wide(3) };

describe('S17: budgets', () => {
  it('prunes below the budget, still valid, marked, root arguments kept; calls are checked against the whole', () => {
    const compiled = compile(ref('Top'), large, { maxInputBytes: 4_096 });
    const { inputSchema } = compiled.tool;
    const text = JSON.stringify(inputSchema);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
    expect(() => new Ajv2020({ strict: false }).compile(structuredClone(inputSchema))).not.toThrow();
    expect(Object.keys(ownObject(inputSchema, 'properties') ?? {})).toEqual(['id', 'items', 'address']);
    expect(inputSchema['required']).toEqual(['id', 'items']);
    expect(text).toContain('(shortened: Item)');
    // Small and near: whole.
    expect(ownObject(inputSchema, '$defs')).toEqual({ Address: expect.objectContaining({ type: 'object' }) });
    expect(compiled.repairs.map(({ code }) => code)).toEqual(['shortened']);
    expect(compiled.validate({ id: 'x', items: [{ member7: 'a', part: { member299: 'b' } }] }).ok).toBe(true);
    expect(compiled.validate({ id: 'x', items: [{ part: { member299: 1 } }] })).toEqual({ ok: false, message: 'Argument "items[0].part.member299" must be of type string, not integer.' });
  });

  it('within the budget nothing changes', () => {
    const compiled = compile(ref('Top'), large, { maxInputBytes: 1_000_000 });
    expect(JSON.stringify(compiled.tool.inputSchema)).not.toContain('shortened');
    expect(compiled.repairs).toEqual([]);
  });

  it('is the same whatever was compiled before', () => {
    const texts = [0, 1].map(() => compile(ref('Top'), large, { maxInputBytes: 4_096 }).toolJson('a'));
    expect(texts[0]).toBe(texts[1]);
  });

  it('one huge inline schema keeps its upper levels; arguments with long lists keep their names', () => {
    const inline = compile({ type: 'object', properties: { deep: wide(400, { sub: wide(400) }), choice: { type: 'string', enum: Array.from({ length: 2_000 }, (_, at) => `value-${at}`) } } }, {}, { maxInputBytes: 8_192 });
    expect(Buffer.byteLength(JSON.stringify(inline.tool.inputSchema))).toBeLessThanOrEqual(8_192);
    expect(ownObject(inline.tool.inputSchema, 'properties')).toMatchObject({ id: { type: 'string' }, deep: { type: 'object' }, choice: { type: 'string' } });
    expect(inline.validate({ id: 'x', choice: 'nope' }).ok).toBe(false);
  });

  it('a shortened union of several shapes does not refuse what fits one of them', () => {
    const compiled = compile({ type: 'object', properties: { p: { oneOf: [ref('Item'), ref('Part')] } } }, large, { maxInputBytes: 1_024 });
    const check = new Ajv2020({ strict: false }).compile(structuredClone(compiled.tool.inputSchema));
    expect(check({ id: 'x', p: { member1: 'a' } })).toBe(true);
  });

  it('L01: without references (Gemini) a recursive schema is inlined to a bounded depth within the budget', () => {
    const small = { Node: { type: 'object', properties: { name: { type: 'string' }, next: ref('Node'), list: { type: 'array', items: ref('Node') } } } };
    const compiled = compile(ref('Node'), small, { profile: clientProfiles['gemini']! });
    const text = JSON.stringify(compiled.tool.inputSchema);
    expect(text).not.toMatch(/\$ref|\$defs/);
    expect(text).toContain('(shortened: Node)');
    expect(Buffer.byteLength(text)).toBeLessThan(32_768);
    expect(() => new Ajv2020({ strict: false }).compile(structuredClone(compiled.tool.inputSchema))).not.toThrow();
  });
});
