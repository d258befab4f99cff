import { describe, expect, it } from '@jest/globals';
import { describeOperations } from '../tool/describe-operations.js';
import { bindRequest } from '../request/bind-request.js';
import { compileOperation } from '../tool/compile-operation.js';
import { indexOperations } from './index-operations.js';
import { loadDocument } from '../document/load-document.js';

const responses = { 200: { description: 'ok' } };

function indexOf(paths: unknown, extra: Record<string, unknown> = {}, maxNameLength?: number) {
  const document = loadDocument(JSON.stringify({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths, ...extra }));
  return { document, index: indexOperations(document, maxNameLength === undefined ? {} : { maxNameLength }) };
}
const namesOf = (paths: unknown, maxNameLength?: number) => indexOf(paths, {}, maxNameLength).index.operations.map(({ name }) => name);

describe('indexOperations', () => {
  it('L13: a document without paths, with webhooks only, empty paths or x- paths lists nothing', () => {
    for (const paths of [undefined, {}, { 'x-internal': { get: { responses } } }, null, 'x']) {
      expect(indexOf(paths, { webhooks: { e: { post: { responses } } } }).index).toEqual({ operations: [], report: [], notes: [] });
    }
  });

  it('L14: follows a path item $ref', () => {
    const { index } = indexOf({ '/a': { $ref: '#/components/pathItems/A' } }, { components: { pathItems: { A: { get: { operationId: 'a', responses } } } } });
    expect(index.operations.map(({ key, name }) => [key, name])).toEqual([['GET /a', 'a']]);
  });

  it('L15: broken operations do not take the good ones with them, and each is reported', () => {
    const { document, index } = indexOf({
      '/good': { get: { operationId: 'good', responses } },
      '/null': { get: null, post: 'x' },
      '/item': null,
      '/parameters': { get: { operationId: 'bad', parameters: [null, {}, { name: 'a' }, { in: 'query' }, { name: 'b', in: 'moon' }, { name: 'c', in: 'query', schema: null }] } },
      '/body': { post: { operationId: 'body', requestBody: null } },
      '/schema': { post: { operationId: 'schema', requestBody: { content: { 'application/json': { schema: 7 } } } } },
      'relative': { get: { responses } },
      '/up/../x': { get: { responses } },
    });
    expect(index.operations.map(({ name }) => name)).toEqual(['good', 'bad', 'body', 'schema']);
    const report = describeOperations(document, index);
    const statusOf = (key: string) => report.find((entry) => entry.key === key);
    expect(statusOf('GET /good')).toMatchObject({ status: 'ok', name: 'good' });
    expect(statusOf('GET /parameters')?.repairs.map(({ code }) => code)).toContain('invalid-parameter');
    expect(statusOf('POST /schema')).toMatchObject({ status: 'degraded' });
    for (const key of ['GET /null', 'POST /null', '/item', 'GET relative', 'GET /up/../x']) {
      expect(statusOf(key)).toMatchObject({ status: 'skipped', reason: expect.stringMatching(/./) });
    }
  });

  it('attack 14: a path item elsewhere is refused by name, never fetched', () => {
    const targets = ['http://evil.example/x.json#/a', 'file:///etc/passwd', '//evil.example/a', '../other.yaml#/a', './a.json'];
    const { index } = indexOf(Object.fromEntries(targets.map(($ref, at) => [`/p${at}`, { $ref }])));
    expect(index.operations).toEqual([]);
    expect(index.report).toHaveLength(targets.length);
    for (const { reason } of index.report) expect(reason).toMatch(/outside the document, which is not fetched/);
  });

  it('L11: lists 3.2 query and additionalOperations', () => {
    const { index } = indexOf({ '/a': { query: { responses }, additionalOperations: { PURGE: { responses }, 'bad method': { responses } } } }, { openapi: '3.2.0' });
    expect(index.operations.map(({ key }) => key)).toEqual(['QUERY /a', 'PURGE /a']);
    expect(index.report.filter(({ status }) => status === 'skipped')).toHaveLength(1);
  });

  it('reports an operation whose required body cannot be sent', () => {
    const { index } = indexOf({ '/a': { post: { requestBody: { required: true, content: { 'text/\n': {} } } } } });
    expect(index.report).toEqual([expect.objectContaining({ key: 'POST /a', status: 'skipped', reason: expect.stringContaining('text/') })]);
  });

  it('decision 15: annotations by method, title from the summary', () => {
    const { index } = indexOf({ '/a': Object.fromEntries(['get', 'head', 'options', 'put', 'delete', 'post', 'patch'].map((method) => [method, { summary: `Do ${method}`, responses }])) });
    const hints = index.operations.map(({ method, annotations: a }) => [method, a.readOnlyHint, a.destructiveHint, a.idempotentHint, a.openWorldHint]);
    expect(hints).toEqual([
      ['GET', true, false, true, true],
      ['HEAD', true, false, true, true],
      ['OPTIONS', true, false, true, true],
      ['PUT', false, true, true, true],
      ['DELETE', false, true, true, true],
      ['POST', false, true, false, true],
      ['PATCH', false, true, false, true],
    ]);
    expect(index.operations[0]?.title).toBe('Do get');
  });

  it('bounds a description and keeps surrogate pairs whole', () => {
    const { index } = indexOf({ '/a': { get: { summary: 'S', description: '😀'.repeat(5_000), responses } } });
    const text = index.operations[0]?.description ?? '';
    expect(text.length).toBeLessThanOrEqual(2_048);
    expect(text.isWellFormed()).toBe(true);
    expect(text).toMatch(/^S\n\n😀.*…$/u);
  });
});

const get = (operationId?: string) => ({ get: { ...(operationId === undefined ? {} : { operationId }), responses } });
const namesByKey = (paths: unknown) => Object.fromEntries(indexOf(paths).index.operations.map(({ key, name }) => [key, name]));

describe('tool names', () => {
  it('N01: ids with spaces, dots, slashes, unicode, emoji, only symbols, or none become valid names', () => {
    const names = namesOf({
      '/a': get('list pets'),
      '/b': get('pets.list/all'),
      '/c': get('größe'),
      '/d': get('🐶🐱'),
      '/e': get('***'),
      '/f/{id}/g': get(),
    });
    expect(names).toEqual(['list_pets', 'pets_list_all', 'gr_e', 'get_d', 'get_e', 'get_f_id_g']);
  });

  it('N02: long ids are cut within the limit and stay unique', () => {
    const long = 'a'.repeat(80);
    const names = namesOf({ '/a': get(`${long}1`), '/b': get(`${long}2`), '/c': get('b'.repeat(44)), '/d': get('c'.repeat(45)) });
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,44}$/);
    expect(names[2]).toBe('b'.repeat(44));
    expect(names[3]).toMatch(/^c{37}_[a-z2-7]{6}$/);
    expect(namesOf({ '/a': get(long) }, 20)[0]).toMatch(/^a{13}_[a-z2-7]{6}$/);
  });

  it('N03: duplicates, also by case or punctuation, become unique', () => {
    const names = namesOf({ '/a': get('getUser'), '/b': get('getuser'), '/c': get('get user'), '/d': get('get/user'), '/e': get('getUser') });
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(5);
    for (const name of names) expect(name).toMatch(/^get_?[Uu]ser_[a-z2-7]{6}$/);
  });

  it('N07: names that are code are data: a legal key in the tool, the exact name on the wire', () => {
    const names = ["__import__('os').system('id')", '${process.exit(1)}', 'constructor', '__proto__', '";alert(1)//'];
    const parameters = names.map((name) => ({ name, in: 'query', schema: { type: 'string' } }));
    const { document, index } = indexOf({ '/a': { get: { operationId: '`id`; $(id)', parameters, responses } } });
    const [operation] = index.operations;
    expect(operation?.name).toBe('id_id');
    const compiled = compileOperation(document, operation!);
    const keys = compiled.binding.parameters.map(({ key }) => key);
    for (const key of keys) expect(key).toMatch(/^[a-zA-Z0-9_.-]{1,64}$/);
    expect(compiled.binding.parameters.map(({ name }) => name)).toEqual(names);
    const { url } = bindRequest(compiled, Object.fromEntries(keys.map((key) => [key, '1'])), { baseUrl: 'http://h.example' });
    expect([...url.searchParams.keys()]).toEqual(names);
  });

  it('N04: names do not depend on the order of the operations', () => {
    const paths = { '/a': get('x y'), '/b': get('x/y'), '/c': get('z'.repeat(90)), '/d': get(), '/e': get('solo') };
    const reversed = Object.fromEntries(Object.entries(paths).toReversed());
    expect(namesByKey(reversed)).toEqual(namesByKey(paths));
    expect(namesByKey({ ...paths, '/new': get('other') })).toMatchObject(namesByKey(paths));
  });
});

describe('required scopes', () => {
  const schemes = {
    components: {
      securitySchemes: {
        oauth: { type: 'oauth2', flows: {} },
        oidc: { type: 'openIdConnect', openIdConnectUrl: 'https://x.example' },
        key: { type: 'apiKey', in: 'header', name: 'X-Key' },
        basic: { type: 'http', scheme: 'basic' },
      },
    },
  };
  const scopesOf = (security: unknown, documentSecurity?: unknown) =>
    indexOf({ '/a': { get: { responses, ...(security === undefined ? {} : { security }) } } }, { ...schemes, ...(documentSecurity === undefined ? {} : { security: documentSecurity }) }).index.operations[0]?.security;

  it.each([
    ['one', [{ oauth: ['a', 'b'] }], [['a', 'b']]],
    ['alternatives', [{ oauth: ['a'] }, { oidc: ['b', 'c'] }], [['a'], ['b', 'c']]],
    ['two schemes together', [{ oauth: ['a'], oidc: ['b'] }], [['a', 'b']]],
    ['no scopes for a key', [{ key: [] }], []],
    ['roles of a key are not scopes', [{ key: ['admin'] }], []],
    ['an API key does not lift the scopes of the alternative', [{ oauth: ['a'] }, { key: [] }, { basic: [] }], [['a']]],
    ['an optional requirement lifts them', [{ oauth: ['a'] }, {}], []],
    ['a sign-in without scopes suffices', [{ oauth: ['a'] }, { oauth: [] }], []],
    ['an undeclared scheme is not forgotten', [{ nowhere: ['a'] }], [['a']]],
    ['an empty list lifts the document\'s', [], []],
  ])('%s', (_what, security, expected) => {
    expect(scopesOf(security, [{ oauth: ['document'] }])).toEqual(expected);
  });

  it('the document\'s requirement holds where the operation has none', () => {
    expect(scopesOf(undefined, [{ oauth: ['document'] }])).toEqual([['document']]);
    expect(scopesOf(undefined)).toEqual([]);
  });
});
