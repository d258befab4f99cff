import { describe, expect, it } from '@jest/globals';
import { indexOperations } from '../operation/index-operations.js';
import { compileOperation } from '../tool/compile-operation.js';
import { collectExternals, type ExternalLimits } from './external-documents.js';
import { loadDocument, readRoot } from './load-document.js';

const rootUrl = 'https://docs.example/api/openapi.yaml';

/** Loads a root with files beside it, read from memory as a caller would from its allow-list. */
async function bundle(root: unknown, files: Record<string, unknown>, url = rootUrl, limits?: ExternalLimits) {
  const text = JSON.stringify(root);
  const asked: string[] = [];
  const collected = await collectExternals(readRoot(text), {
    url,
    ...(limits === undefined ? {} : { limits }),
    read: async (target) => {
      asked.push(target);
      const file = files[target];
      if (file === undefined) throw new Error('not allowed');
      return typeof file === 'string' ? file : JSON.stringify(file);
    },
  });
  return { ...collected, asked, document: loadDocument(text, { url, externals: collected.externals }) };
}

const withBody = (schema: unknown, more: Record<string, unknown> = {}) => ({
  openapi: '3.1.0',
  info: { title: 'T', version: '1' },
  paths: { '/a': { post: { operationId: 'a', requestBody: { required: true, content: { 'application/json': { schema } } }, responses: {} }, ...more } },
});
const base = 'https://docs.example/api/';

function compileOnly(document: ReturnType<typeof loadDocument>) {
  const [operation] = indexOperations(document).operations;
  if (operation === undefined) throw new Error('no operation');
  return compileOperation(document, operation);
}

describe('L07: external references', () => {
  it('resolves files, their own relative and local references, anchors, and cycles between files', async () => {
    const { document, externals, problems } = await bundle(withBody({ type: 'object', properties: { pet: { $ref: './schemas/pet.yaml#/Pet' } } }), {
      [`${base}schemas/pet.yaml`]: 'Pet:\n  type: object\n  properties:\n    name: {$ref: "#/Name"}\n    owner: {$ref: "owner.json"}\n    code: {$ref: "owner.json#code"}\nName: {type: string, maxLength: 7}\n',
      [`${base}schemas/owner.json`]: { type: 'object', properties: { pets: { type: 'array', items: { $ref: 'pet.yaml#/Pet' } }, self: { $ref: '#' } }, $defs: { c: { $anchor: 'code', type: 'integer' } } },
    });
    expect(problems).toEqual([]);
    expect([...externals.keys()]).toEqual([`${base}schemas/pet.yaml`, `${base}schemas/owner.json`]);
    const compiled = compileOnly(document);
    expect(compiled.repairs).toEqual([]);
    expect(compiled.validate({ pet: { name: 'Rex', owner: { pets: [{ name: 'Max' }] }, code: 1 } }).ok).toBe(true);
    expect(compiled.validate({ pet: { owner: { pets: [{ name: 'too long a name' }] } } }).ok).toBe(false);
    expect(compiled.validate({ pet: { owner: { self: { pets: 'x' } } } }).ok).toBe(false);
    expect(compiled.validate({ pet: { code: 'x' } }).ok).toBe(false);
  });

  it('follows path items, parameters and responses into files', async () => {
    const { document } = await bundle(
      { openapi: '3.0.3', info: { title: 'T', version: '1' }, paths: { '/a/{id}': { $ref: 'paths.json#/item' } } },
      {
        [`${base}paths.json`]: { item: { get: { operationId: 'a', parameters: [{ $ref: 'common/params.json#/Id' }, { $ref: '#/Limit' }], responses: {} } }, Limit: { name: 'limit', in: 'query', schema: { type: 'integer' } } },
        [`${base}common/params.json`]: { Id: { name: 'id', in: 'path', required: true, schema: { $ref: '../types.json#/Id' } } },
        [`${base}types.json`]: { Id: { type: 'string', minLength: 3 } },
      },
    );
    const compiled = compileOnly(document);
    expect(compiled.repairs).toEqual([]);
    expect(compiled.validate({ id: 'abc', limit: 1 }).ok).toBe(true);
    expect(compiled.validate({ id: 'ab' }).ok).toBe(false);
  });

  it('a reference to the document\'s own address, absolute or relative, is local and fetches nothing', async () => {
    const root = { ...withBody({ type: 'object', properties: { a: { $ref: 'openapi.yaml#/components/schemas/A' }, b: { $ref: `${rootUrl}#/components/schemas/A` } } }), components: { schemas: { A: { type: 'integer' } } } };
    const { asked, document } = await bundle(root, {});
    expect(asked).toEqual([]);
    expect(compileOnly(document).validate({ a: 'x' }).ok).toBe(false);
    expect(compileOnly(document).validate({ b: 'x' }).ok).toBe(false);
  });

  it('L11: $self is the base of references (3.2)', async () => {
    const { asked } = await bundle({ ...withBody({ $ref: 'x.json' }), openapi: '3.2.0', $self: 'https://other.example/v1/api.json' }, {});
    expect(asked).toEqual(['https://other.example/v1/x.json']);
  });

  it('a $ref in example data or a property of that name is no reference', async () => {
    const schema = { type: 'object', properties: { $ref: { type: 'string' } }, example: { $ref: 'a.json' }, default: { $ref: 'b.json' } };
    expect((await bundle(withBody(schema), {})).asked).toEqual([]);
  });

  it('what is refused, is no document, or lies beyond a limit is a problem and stays external-ref', async () => {
    const root = withBody({ type: 'object', properties: { a: { $ref: 'refused.json' }, b: { $ref: 'page.html' }, c: { $ref: 'ok.json#/none' } } });
    const { problems, document } = await bundle(root, { [`${base}page.html`]: '<html></html>', [`${base}ok.json`]: {} });
    expect(problems).toEqual([
      { url: `${base}refused.json`, message: 'not allowed' },
      { url: `${base}page.html`, message: expect.stringMatching(/HTML/) },
    ]);
    const codes = compileOnly(document).repairs.map(({ code }) => code);
    expect(codes.filter((code) => code === 'external-ref')).toHaveLength(2);
    expect(codes).toContain('dangling-ref');
  });

  it('L17: bounds the number, the bytes and the depth of what is read', async () => {
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`${base}f${at}.json`, { next: { $ref: `f${at + 1}.json` }, pad: 'x'.repeat(100) }]));
    const root = withBody({ $ref: 'f0.json' });
    expect((await bundle(root, files, rootUrl, { maxDepth: 5 })).externals.size).toBe(5);
    expect((await bundle(root, files, rootUrl, { maxFiles: 3 })).externals.size).toBe(3);
    const small = await bundle(root, files, rootUrl, { maxBytes: 500 });
    expect(small.externals.size).toBeLessThan(5);
    expect(small.problems[0]?.message).toMatch(/limit/);
    const wide = withBody({ anyOf: Array.from({ length: 500 }, (_, at) => ({ $ref: `w${at}.json` })) });
    const many = await bundle(wide, Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`${base}w${at}.json`, {}])));
    expect(many.externals.size).toBe(200);
    expect(many.asked.length).toBeLessThanOrEqual(208);
  });

  it('an external document that cannot be parsed when it is loaded is a note', () => {
    const document = loadDocument(JSON.stringify(withBody({})), { url: rootUrl, externals: new Map([[`${base}x.json`, '{'], ['no url', '{}']]) });
    expect(document.notes).toEqual([expect.objectContaining({ code: 'external-ref', message: expect.stringContaining('x.json') })]);
  });
});

describe('attack 14: hostile references', () => {
  const hostile = ['http://169.254.169.254/latest/meta-data', 'file:///etc/passwd', '//evil.example/a.json', '../../../../etc/passwd', 'https://docs.example@evil.example/x', 'ftp://h/x', 'data:application/json,{}', 'javascript:1', '\\\\evil\\share'];

  it.each(hostile)('%s: nothing is read when there is no reader, and any value is accepted', (reference) => {
    const document = loadDocument(JSON.stringify(withBody({ type: 'object', properties: { a: { $ref: reference } } })), { url: rootUrl });
    const compiled = compileOnly(document);
    expect(compiled.repairs.map(({ code }) => code)).toEqual(['external-ref']);
    expect(compiled.validate({ a: { any: 1 } }).ok).toBe(true);
  });

  it('a reader sees the address as it will be fetched, and only http, https and file', async () => {
    const { asked, externals } = await bundle(withBody({ anyOf: hostile.map(($ref) => ({ $ref })) }), {});
    expect(asked).toEqual(['http://169.254.169.254/latest/meta-data', 'file:///etc/passwd', 'https://evil.example/a.json', 'https://docs.example/etc/passwd', 'https://docs.example@evil.example/x', 'https://evil/share']);
    expect(externals.size).toBe(0);
  });

  it('a path that names the folder of externals finds only what was loaded', async () => {
    const pointer = '#/x-external/file:~1~1~1etc~1passwd';
    const { document } = await bundle(withBody({ type: 'object', properties: { a: { $ref: pointer }, b: { $ref: 'b.json' } } }), { [`${base}b.json`]: { type: 'integer' } });
    expect(compileOnly(document).repairs.map(({ code }) => code)).toEqual(['dangling-ref']);
  });
});
