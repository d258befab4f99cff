import { describe, expect, it } from '@jest/globals';
import { loadDocument } from '../document/load-document.js';
import { ownObject, type JsonObject } from '../json.js';
import { indexOperations } from '../operation/index-operations.js';
import { RepairList } from '../repair.js';
import { clientProfileNames, clientProfiles, type ClientProfile } from './client-profile.js';
import { compileOperation } from './compile-operation.js';
import { showSchema } from './show-schema.js';

const profile = (name: string): ClientProfile => clientProfiles[name] ?? clientProfiles.default;
const gemini = (schema: JsonObject): JsonObject => show(schema, profile('gemini'));

/** A converted schema as a tool of a document with these definitions shows it. */
function show(schema: JsonObject, wanted: ClientProfile, schemas: JsonObject = {}): JsonObject {
  const { definitions } = loadDocument(JSON.stringify({ openapi: '3.1.0', paths: {}, components: { schemas } }));
  // What a schema refers to has its name once it was converted.
  for (const name of Object.keys(schemas)) definitions.convert({ $ref: `#/components/schemas/${name}` }, '', new RepairList());
  return showSchema(schema, definitions, wanted, 32 * 1024).schema;
}

describe('client profiles', () => {
  it('are data: each has its own name', () => {
    expect(clientProfileNames).toEqual(['default', 'anthropic', 'openai', 'gemini', 'cursor', 'vscode', 'full']);
    for (const name of clientProfileNames) expect(clientProfiles[name]?.name).toBe(name);
    expect(clientProfileNames.filter((name) => clientProfiles[name]?.outputSchema)).toEqual(['full']);
  });

  it.each<[JsonObject, JsonObject]>([
    [{ type: ['string', 'null'] }, { type: 'string' }],
    [{ type: ['string', 'integer'], description: 'd' }, { anyOf: [{ type: 'string' }, { type: 'integer' }], description: 'd' }],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, { type: 'string' }],
    [{ oneOf: [{ type: 'string' }, { type: 'array' }] }, { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] }],
    [{ type: 'integer', enum: [1, 2] }, { type: 'integer' }],
    [{ type: 'string', enum: ['a', null] }, { type: 'string', enum: ['a'] }],
    [{ const: 'cat' }, { enum: ['cat'], type: 'string' }],
    [{ const: 5 }, { type: 'integer' }],
    [{ type: 'integer', exclusiveMinimum: 0 }, { type: 'integer', minimum: 1 }],
    [{ type: 'object', properties: { a: {} }, additionalProperties: false }, { type: 'object', properties: { a: { type: 'string' } } }],
    [{ allOf: [{ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }, { properties: { b: { type: 'string' } } }] }, { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a'] }],
    [{ type: 'array', uniqueItems: true, prefixItems: [{ type: 'string' }] }, { type: 'array', items: { type: 'string' } }],
    [{ type: 'object', required: ['gone'], patternProperties: { a: {} } }, { type: 'object' }],
  ])('gemini: %j becomes %j', (schema, expected) => {
    expect(gemini(schema)).toEqual(expected);
  });

  it('gemini: references are inlined, a cycle ends in a stub that says so', () => {
    const list: JsonObject = { type: 'object', properties: { first: { $ref: '#/$defs/Node' } } };
    const node = (next: string): JsonObject => ({ type: 'object', properties: { name: { type: ['string', 'null'] }, next: { $ref: next } } });
    const schemas = { Node: node('#/components/schemas/Node') };
    expect(show(list, profile('gemini'), schemas)).toEqual({ type: 'object', properties: { first: { type: 'object', properties: { name: { type: 'string' }, next: { type: 'object', description: '(shortened: Node)' } } } } });
    expect(show(list, clientProfiles.default, schemas)).toEqual({ ...list, $defs: { Node: node('#/$defs/Node') } });
  });

  it('S14: formats are kept, or only those that the client knows', () => {
    for (const format of ['int64', 'uuid', 'decimal', 'binary', 'byte', 'date-time']) {
      const schema = { type: 'string', format };
      expect(show(schema, clientProfiles.default)).toEqual(schema);
      expect(gemini(schema)).toEqual(['int64', 'date-time'].includes(format) ? schema : { type: 'string' });
    }
  });

  it('openai and cursor: oneOf is anyOf, at any depth; cursor takes no enum but of strings', () => {
    const schema: JsonObject = { type: 'object', properties: { a: { type: 'array', items: { oneOf: [{ type: 'integer', enum: [1] }, { enum: ['x'] }] } }, d: { $ref: '#/$defs/D' } } };
    const schemas = { D: { oneOf: [{ type: 'string' }] } };
    expect(show(schema, profile('openai'), schemas)).toEqual({
      type: 'object',
      properties: { a: { type: 'array', items: { anyOf: [{ type: 'integer', enum: [1] }, { enum: ['x'] }] } }, d: { $ref: '#/$defs/D' } },
      $defs: { D: { anyOf: [{ type: 'string' }] } },
    });
    expect(show(schema, profile('cursor'), schemas)).toMatchObject({ properties: { a: { items: { anyOf: [{ type: 'integer' }, { enum: ['x'] }] } } } });
  });

  it('every array has items, long texts are cut between words, everything else is shared as it is', () => {
    // A tool's root is an object; profiles rewrite its arguments.
    const argument = (schema: JsonObject): JsonObject => ownObject(ownObject(show({ type: 'object', properties: { it: schema } }, clientProfiles.default), 'properties') ?? {}, 'it') ?? {};
    expect(argument({ type: ['array', 'null'] })).toEqual({ type: ['array', 'null'], items: {} });
    const cut = argument({ description: 'word '.repeat(200) })['description'];
    expect(cut).toMatch(/^word (word )*word…$/);
    expect(String(cut).length).toBeLessThanOrEqual(512);
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    expect(show(schema, clientProfiles.default)).toBe(schema);
  });

  it('attack 40: invisible characters leave texts, data is kept and named', () => {
    const hidden = '\u{e0049}\u{e0047}\u{e004e}';
    const schema = { type: 'object', title: `T${hidden}`, properties: { p: { type: 'string', description: `a\u200bb\u202e`, enum: ['x\u200b'] } } };
    const document = loadDocument(JSON.stringify({ openapi: '3.1.0', paths: { '/a': { post: { parameters: [{ name: 'q', in: 'query', description: `q${hidden}`, schema: { type: 'string' } }], requestBody: { content: { 'application/json': { schema } } } } } } }));
    const compiled = compileOperation(document, indexOperations(document).operations[0]!);
    expect(ownObject(compiled.tool.inputSchema, 'properties')).toEqual({ q: { type: 'string', description: 'q' }, p: { type: 'string', description: 'ab', enum: ['x\u200b'] } });
    expect(new Set(compiled.repairs.map(({ code }) => code))).toEqual(new Set(['invisible-characters']));
  });
});
