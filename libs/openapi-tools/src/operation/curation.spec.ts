import { threadTime } from '@gatehouse-mcp/testing';
import { describe, expect, it } from '@jest/globals';
import { loadDocument } from '../document/load-document.js';
import { compileOperation } from '../tool/compile-operation.js';
import { indexOperations, type IndexOptions } from './index-operations.js';
import { matchesGlob } from './operation-filter.js';
import { readOperationOverride } from './operation-override.js';

const responses = { 200: { description: 'ok' } };
const load = (paths: unknown, extra: Record<string, unknown> = {}) => loadDocument(JSON.stringify({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths, ...extra }));
const index = (paths: unknown, options: IndexOptions = {}, extra: Record<string, unknown> = {}) => indexOperations(load(paths, extra), options);

/** The one operation of a document whose operation has these members. */
function curated(members: Record<string, unknown>, options: IndexOptions = {}) {
  const result = index({ '/a': { get: { operationId: 'a', summary: 'A', description: 'About a', responses, ...members } } }, options);
  return { operation: result.operations[0], reason: result.report[0]?.reason, notes: result.notes };
}

describe('decision 16: x-mcp', () => {
  it('gives name, title, description and annotations, and replaces scopes', () => {
    const { operation } = curated({
      security: [{ oauth: ['document'] }],
      'x-mcp': { enabled: true, name: 'get the A', title: 'The A', description: 'Reads A.', annotations: { readOnlyHint: false }, scopes: ['s1', 's2'] },
    });
    expect(operation).toMatchObject({
      name: 'get_the_A',
      title: 'The A',
      description: 'Reads A.',
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
      security: [['s1', 's2']],
      notes: [],
    });
    expect(curated({ security: [{ oauth: ['document'] }], 'x-mcp': { scopes: [] } }).operation?.security).toEqual([]);
  });

  it('hands response, examples and arguments to later stages; examples end the description, each whole', () => {
    const examples = [{ id: 1 }, { id: 'x'.repeat(2_000) }, { id: 2 }];
    const given = { response: { projection: '$.a' }, examples, arguments: { id: { hidden: true, value: 7 }, q: { description: 'Q' } } };
    const { operation } = curated({ 'x-mcp': given });
    expect(operation?.override).toMatchObject(given);
    expect(operation?.description).toBe('About a\n\nExample arguments:\n{"id":1}\n{"id":2}');
  });

  it.each([
    ['false at the operation', { op: false }, false],
    ['"false" as text', { op: 'false' }, false],
    ['enabled: false', { op: { enabled: false } }, false],
    ['skip: true', { op: { skip: true } }, false],
    ['false at the path', { path: false }, false],
    ['enabled: false at the root', { root: { enabled: false } }, false],
    ['true at the operation over the path', { op: true, path: false }, true],
    ['true at the path over the root', { path: true, root: false }, true],
    ['an unrelated object at the root', { root: { protocolVersion: '2025-06-18', servers: [] } }, true],
    ['only a name at the operation', { op: { name: 'n' }, root: false }, false],
  ])('on and off: %s', (_what, said: { op?: unknown; path?: unknown; root?: unknown }, isListed) => {
    const member = (value: unknown) => (value === undefined ? {} : { 'x-mcp': value });
    const { operations, report } = index({ '/a': { ...member(said.path), get: { operationId: 'a', responses, ...member(said.op) } } }, {}, member(said.root));
    expect(operations).toHaveLength(isListed ? 1 : 0);
    const skipped = { key: 'GET /a', status: 'skipped', reason: expect.stringMatching(/Switched off/) };
    expect(report).toEqual([expect.objectContaining(isListed ? { key: 'GET /a', status: 'ok' } : skipped)]);
  });

  it('what is wrong in it is a repair of the operation, and does not undo the rest', () => {
    const { operation } = curated({ 'x-mcp': { nmae: 'x', name: '', scopes: 'a', annotations: { readOnlyHint: 'yes', other: true }, title: 'T' } });
    expect(operation).toMatchObject({ name: 'a', title: 'T' });
    expect(operation?.notes.map(({ code }) => code)).toEqual(Array(5).fill('invalid-override'));
    expect(operation?.notes.map(({ message }) => message).join()).toMatch(/"nmae".*"name".*"scopes".*"annotations\.readOnlyHint".*"annotations\.other"/);
    expect(curated({ 'x-mcp': { enabled: false, nmae: 'x' } }).operation).toBeUndefined();
    expect(curated({ 'x-mcp': 7 }).operation?.notes).toHaveLength(1);
    const document = load({ '/a': { get: { responses, 'x-mcp': 7 } } });
    expect(compileOperation(document, indexOperations(document).operations[0]!).repairs.map(({ code }) => code)).toContain('invalid-override');
  });
});

describe('decision 16: aliases of x-mcp', () => {
  it.each([
    ['x-speakeasy-mcp', { 'x-speakeasy-mcp': { name: 'n', title: 'T', description: 'D', scopes: ['write'], readOnlyHint: false } }],
    ['x-speakeasy-mcp with annotations', { 'x-speakeasy-mcp': { name: 'n', description: 'D', annotations: { title: 'T', readOnlyHint: false } } }],
    ['x-zuplo-route.mcp', { 'x-zuplo-route': { mcp: { type: 'tool', name: 'n', description: 'D', annotations: { title: 'T', readOnlyHint: false } } } }],
    ['x-zuplo-mcp-tool', { 'x-zuplo-mcp-tool': { name: 'n', title: 'T', description: 'D', annotations: { readOnlyHint: false } } }],
  ])('%s', (_what, members) => {
    const { operation } = curated(members);
    expect(operation).toMatchObject({ name: 'n', title: 'T', description: 'D', annotations: { readOnlyHint: false }, security: [], notes: [] });
  });

  it('x-kong-mcp-*', () => {
    expect(curated({ 'x-kong-mcp-tool-name': 'n', 'x-kong-mcp-tool-description': 'D' }).operation).toMatchObject({ name: 'n', description: 'D', title: 'A' });
  });

  it.each([
    [{ 'x-speakeasy-mcp': { disabled: true } }],
    [{ 'x-speakeasy-mcp': false }],
    [{ 'x-zuplo-route': { mcp: { enabled: false } } }],
    [{ 'x-zuplo-mcp-tool': { enabled: false } }],
    [{ 'x-kong-mcp-exclude': true }],
  ])('%j leaves the operation out', (members) => {
    expect(curated(members).operation).toBeUndefined();
  });

  it('the owner\'s override stands before x-mcp, that before the aliases, field by field', () => {
    const members = { 'x-mcp': { title: 'mcp', description: 'mcp' }, 'x-speakeasy-mcp': { name: 'alias', title: 'alias', disabled: true, readOnlyHint: false } };
    const { operation } = curated(members, { overrides: { a: { description: 'owner', enabled: true, annotations: { destructiveHint: true } } } });
    expect(operation).toMatchObject({ name: 'alias', title: 'mcp', description: 'owner', annotations: { readOnlyHint: false, destructiveHint: true } });
  });
});

describe('decision 16: the owner\'s overrides and filters', () => {
  it('overrides by operationId and by method and path; the latter wins; one that names nothing is a note', () => {
    const { operations, notes } = index(
      { '/a': { get: { operationId: 'a', responses } }, '/b': { get: { responses } } },
      { overrides: { a: { title: 'by id', description: 'by id' }, 'GET /a': { title: 'by key' }, 'GET /b': { enabled: false }, 'GET /c': { name: 'c' }, toString: {} } },
    );
    expect(operations).toHaveLength(1);
    expect(operations[0]).toMatchObject({ title: 'by key', description: 'by id' });
    expect(notes).toEqual([
      { code: 'unknown-override', at: '', message: expect.stringContaining('"GET /c"') },
      { code: 'unknown-override', at: '', message: expect.stringContaining('"toString"') },
    ]);
  });

  it('N03, N04: chosen names that clash stay unique and stable', () => {
    const paths = { '/a': { get: { operationId: 'a', responses, 'x-mcp': { name: 'Same' } } }, '/b': { get: { operationId: 'same', responses } }, '/c': { get: { operationId: 'c', responses, 'x-mcp': { name: '***' } } } };
    const names = (given: unknown) => Object.fromEntries(index(given).operations.map(({ key, name }) => [key, name]));
    expect(names(paths)).toEqual({ 'GET /a': expect.stringMatching(/^Same_[a-z2-7]{6}$/), 'GET /b': expect.stringMatching(/^same_[a-z2-7]{6}$/), 'GET /c': 'c' });
    expect(names(Object.fromEntries(Object.entries(paths).toReversed()))).toEqual(names(paths));
  });

  const paths = {
    '/pets': { get: { operationId: 'pets.list', tags: ['pets'], responses }, post: { operationId: 'pets.create', tags: ['pets', 'write'], responses } },
    '/pets/{id}': { get: { operationId: 'pets.get', tags: ['pets'], deprecated: true, responses } },
    '/pets/{id}/toys/{toy}': { delete: { tags: ['toys'], responses } },
  };
  it.each([
    ['tags', { tags: ['toys', 'write'] }, ['POST /pets', 'DELETE /pets/{id}/toys/{toy}']],
    ['excludeTags', { excludeTags: ['pets'] }, ['DELETE /pets/{id}/toys/{toy}']],
    ['paths, one segment', { paths: ['/pets/*'] }, ['GET /pets/{id}']],
    ['paths, all below', { paths: ['/pets/**'] }, ['GET /pets/{id}', 'DELETE /pets/{id}/toys/{toy}']],
    ['paths, literal braces', { paths: ['/pets/{id}'] }, ['GET /pets/{id}']],
    ['methods', { methods: ['post', 'DELETE'] }, ['POST /pets', 'DELETE /pets/{id}/toys/{toy}']],
    ['operationIds', { operationIds: ['pets.*t'] }, ['GET /pets', 'GET /pets/{id}']],
    ['deprecated', { deprecated: false }, ['GET /pets', 'POST /pets', 'DELETE /pets/{id}/toys/{toy}']],
    ['several', { tags: ['pets'], methods: ['get'], deprecated: false }, ['GET /pets']],
    ['nothing', { tags: [] }, []],
  ])('filter by %s', (_what, filter, keys) => {
    const { operations, report } = index(paths, { filter });
    expect(operations.map(({ key }) => key)).toEqual(keys);
    const skipped = report.filter(({ status }) => status === 'skipped');
    expect(skipped).toHaveLength(4 - keys.length);
    for (const { reason } of skipped) expect(reason).toMatch(/Left out by the filter/);
  });

  it('globs are matched in bounded time', () => {
    const start = threadTime();
    expect(matchesGlob(`${'**a'.repeat(200)}b`, 'a'.repeat(2_000))).toBe(false);
    expect(matchesGlob('/a**z', '/a/b/c/z')).toBe(true);
    expect(matchesGlob('/a*z', '/a/z')).toBe(false);
    expect(matchesGlob('*', '')).toBe(true);
    expect(matchesGlob('', 'a')).toBe(false);
    expect(matchesGlob('/😀*', '/😀🐶')).toBe(true);
    expect(threadTime() - start).toBeLessThan(1_000);
  });
});

describe('the strict reader of overrides', () => {
  it.each([
    [null, 'not an object'],
    [{ name: 7 }, '"name"'],
    [{ enabled: 'no' }, '"enabled"'],
    [{ annotations: [] }, '"annotations"'],
    [{ scopes: ['a b'] }, '"scopes"'],
    [{ response: '$' }, '"response"'],
    [{ examples: [1] }, '"examples"'],
    [{ arguments: { a: 1 } }, '"arguments.a"'],
    [{ arguments: { a: { hidden: true } } }, '"arguments.a"'],
    [{ arguments: { a: { value: 1 } } }, '"arguments.a"'],
    [{ arguments: { a: { hiden: true, value: 1 } } }, '"arguments.a.hiden"'],
    [{ arguments: { a: { hidden: true, value: 1, default: 2 } } }, '"arguments.a.default"'],
    [{ arguments: { a: { value: 1, default: 2 } } }, '"arguments.a.default"'],
    [{ arguments: { a: { default: 1, description: '' } } }, '"arguments.a.description"'],
    [{ argumentMode: 'deep' }, '"argumentMode" must be one of flat, nested.'],
    [{ contentTypeArgument: 'yes' }, '"contentTypeArgument" must be true or false.'],
    [{ constructor: 1 }, '"constructor"'],
  ])('names what is wrong in %j', (value, field) => {
    const { problems } = readOperationOverride(value);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(field);
  });

  it('takes the whole shape, null as a fixed value, and x- members', () => {
    const shown = { b: { default: 0 }, c: { default: null, description: 'C' } };
    const value = { enabled: true, name: 'n', arguments: { a: { hidden: true, value: null }, ...shown }, examples: [{}], scopes: [], argumentMode: 'nested', contentTypeArgument: true };
    expect(readOperationOverride({ ...value, 'x-note': 1 })).toEqual({ override: value, problems: [] });
  });
});

describe('L17: curation in a document', () => {
  it('nested deeper than anything real is left out, and the rest still holds', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const text = `{"openapi":"3.0.0","paths":{"/a":{"get":{"x-mcp":{"title":"T","examples":[{"a":${deep}}],"response":{"a":${deep}},"arguments":{"a":{"hidden":true,"value":${deep}}}}}}}}`;
    const [operation] = indexOperations(loadDocument(text)).operations;
    expect(operation?.title).toBe('T');
    expect(operation?.notes).toHaveLength(3);
  });
});

describe('texts of operations', () => {
  it('attack 40: characters that nobody sees are removed from titles, descriptions and examples, and that is said', () => {
    const hidden = 'Lists\u200b pets\u{e0041}\u202e';
    const { operation } = curated({ summary: hidden, description: `Long ${hidden}`, 'x-mcp': { examples: [{ q: hidden }] } });
    expect(operation?.title).toBe('Lists pets');
    expect(operation?.description).toBe('Lists pets\n\nLong Lists pets\n\nExample arguments:\n{"q":"Lists pets"}');
    expect(operation?.notes.map(({ code }) => code)).toEqual(['invisible-characters', 'invisible-characters']);
  });
});
