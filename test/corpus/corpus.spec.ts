import { describe, expect, it } from '@jest/globals';
import { judgeList } from './judge-list.mjs';
import { offerToClients } from './official-clients.mjs';
import { countOperations } from './operations.mjs';

const good = { name: 'getItem', inputSchema: { type: 'object', properties: { id: { $ref: '#/$defs/Id' } }, required: ['id'], $defs: { Id: { type: 'string' } } } };

function problemsOf(...tools: readonly object[]): readonly string[] {
  return judgeList({ tools }, { nameMax: 44, isCompiled: () => true }).problems.map(({ problem }) => problem);
}

/** The good tool with its schema changed. */
const withSchema = (change: object) => ({ ...good, inputSchema: { ...good.inputSchema, ...change } });
const withId = (schema: unknown) => withSchema({ properties: { id: schema } });

describe('the judge of the corpus run', () => {
  it('finds nothing in a good list', () => {
    expect(judgeList({ tools: [good] }, { nameMax: 44, isCompiled: () => true })).toEqual({ tools: 1, compiled: 1, problems: [] });
  });

  it.each([
    ['two names that differ in case only', [good, { ...good, name: 'GETITEM' }], 'duplicate name'],
    ['a name that is too long', [{ ...good, name: 'a'.repeat(45) }], 'name of 45 characters'],
    ['a name with a dot', [{ ...good, name: 'get.item' }], 'illegal name'],
    ['a root that is an array', [withSchema({ type: 'array' })], 'the root is no object'],
    ['a union at the root', [withSchema({ oneOf: [{}] })], 'oneOf at the root'],
    ['a key with brackets', [withSchema({ properties: { id: {}, 'page[size]': {} } })], 'illegal key "page[size]"'],
    ['a required argument that is none', [withSchema({ required: ['key'] })], 'required key is no property'],
    ['a dangling reference', [withId({ $ref: '#/$defs/Other' })], 'inputSchema: $ref "#/$defs/Other" leads nowhere'],
    ['a reference to the network', [withId({ $ref: 'https://a.example/x.json' })], 'inputSchema: $ref "https://a.example/x.json" leads nowhere'],
    ['an array without items', [withId({ type: 'array' })], 'inputSchema: array without items'],
    ['a word of OpenAPI', [withId({ type: 'string', nullable: true })], 'inputSchema: nullable is no keyword of JSON Schema'],
    ['an identifier that moves references', [withId({ $id: 'x' })], 'inputSchema: $id inside'],
    ['a schema that is no JSON Schema', [withId({ type: 'any' })], expect.stringContaining('schema is invalid')],
    ['a pattern that does not compile', [withId({ type: 'string', pattern: '(' })], expect.stringContaining('uncompilable schema')],
  ])('sees %s', (_, tools, problem) => {
    expect(problemsOf(...tools)).toContainEqual(problem);
  });

  it('takes a property called "$ref" as a property', () => {
    expect(problemsOf(withId({ type: 'object', properties: { $ref: { type: 'string' } }, default: { $ref: 'elsewhere' } }))).toEqual([]);
  });

  it('compares with the meta-schema what it does not compile', () => {
    const { compiled, problems } = judgeList({ tools: [withId({ type: 'any' })] }, { nameMax: 44, isCompiled: () => false });
    expect(compiled).toBe(0);
    expect(problems).toEqual([{ tool: 'getItem', problem: expect.stringContaining('invalid schema') }]);
  });
});

describe('the count of operations', () => {
  it('counts methods, additional operations and paths that cannot be read', () => {
    const operation = { responses: {} };
    const paths = {
      '/a': { parameters: [], get: operation, query: operation, additionalOperations: { COPY: operation } },
      '/b': { $ref: '#/components/pathItems/b' },
      '/c': { $ref: 'elsewhere.yaml#/c' },
      'x-note': { get: operation },
    };
    expect(countOperations({ paths, components: { pathItems: { b: { put: operation } } } })).toBe(5);
    expect(countOperations({ webhooks: { w: { post: operation } } })).toBe(0);
  });
});

describe('the official clients', () => {
  it('take a good list', async () => {
    expect(await offerToClients(JSON.stringify({ tools: [good] }), 1)).toEqual([]);
  });

  it.each([
    ['a root that is no object', JSON.stringify({ tools: [good, withSchema({ type: 'array' })] })],
    ['a lost tool', JSON.stringify({ tools: [good] })],
  ])('do not take %s', async (_, list) => {
    expect(await offerToClients(list, 2)).toEqual([expect.stringMatching(/^SDK v1 /), expect.stringMatching(/^SDK v2 /)]);
  });
});
