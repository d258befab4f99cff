import { threadTime } from '@gatehouse-mcp/testing';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../json.js';
import { DocumentError } from './document.error.js';
import { loadDocument } from './load-document.js';
import { applyOverlay } from './overlay.js';

const overlay = (actions: readonly unknown[], version = '1.1.0', extra: Record<string, unknown> = {}) =>
  JSON.stringify({ overlay: version, info: { title: 'O', version: '1' }, actions, ...extra });

const apply = (root: JsonObject, actions: readonly unknown[], version?: string, extra?: Record<string, unknown>) => applyOverlay(root, overlay(actions, version, extra)).root;

function refusal(text: string, root: JsonObject = { a: { b: 1 }, list: [1], text: 't' }): string {
  try {
    applyOverlay(root, text);
  } catch (error) {
    if (error instanceof DocumentError && error.code === 'overlay') return error.message;
    throw error;
  }
  throw new Error('applied');
}

describe('overlays', () => {
  it('update merges objects, joins arrays, appends an entry, and replaces what is primitive', () => {
    const root = { info: { title: 'Old', 'x-list': [1] }, tags: [{ name: 'a' }], servers: [{ url: '/' }] };
    expect(
      apply(root, [
        { target: '$.info', update: { title: 'New', 'x-list': [2], contact: { name: 'C' } } },
        { target: '$.tags', update: { name: 'b' } },
        { target: '$.servers', update: [{ url: '/b' }] },
        { target: '$.info.title', update: 'Newest' },
      ]),
    ).toEqual({
      info: { title: 'Newest', 'x-list': [1, 2], contact: { name: 'C' } },
      tags: [{ name: 'a' }, { name: 'b' }],
      servers: [{ url: '/' }, { url: '/b' }],
    });
  });

  it('remove takes objects, members, array items and primitive values, whatever their order', () => {
    const root = { paths: { '/a': { get: { tags: ['x', 'dummy', 'y', 'dummy'] }, post: {} }, '/b': { get: {} } }, list: [0, 1, 2, 3] };
    expect(apply(root, [{ target: "$.paths.*.get.tags[?@ == 'dummy']", remove: true }, { target: "$.paths['/b']", remove: true }, { target: '$.list[0,2]', remove: true }])).toEqual({
      paths: { '/a': { get: { tags: ['x', 'y'] }, post: {} } },
      list: [1, 3],
    });
    expect(apply({ a: { a: { a: 1 }, b: 2 } }, [{ target: '$..a', remove: true }])).toEqual({});
  });

  it('copy takes one place of the document to others, and moves with remove (1.1)', () => {
    const root = { paths: { '/items': { get: { x: 1 } }, '/some': { delete: {} } } };
    expect(
      apply(root, [
        { target: '$.paths', update: { '/new': {} } },
        { target: "$.paths['/new', '/some']", copy: "$.paths['/items']" },
        { target: "$.paths['/items']", remove: true },
        { target: "$.paths['/new'].get", update: { x: 2 } },
      ]),
    ).toEqual({ paths: { '/new': { get: { x: 2 } }, '/some': { get: { x: 1 }, delete: {} } } });
  });

  it('an update after a copy changes one of the two only', () => {
    expect(
      apply({ a: { deep: { x: 1 } }, b: {} }, [
        { target: '$.a.deep', update: { y: 1 } },
        { target: '$.b', copy: '$.a' },
        { target: '$.a.deep', update: { x: 2 } },
        { target: '$.b.deep', remove: true },
      ]),
    ).toEqual({ a: { deep: { x: 2, y: 1 } }, b: {} });
  });

  it('1.2: reusable actions of components, for different targets', () => {
    const components = { actions: { 'err/or': { fields: { update: { '404': { description: 'Not Found' } } } } } };
    const action = (target: string) => ({ $ref: '#/components/actions/err~1or', target });
    expect(apply({ a: {}, b: {} }, [action('$.a'), action('$.b')], '1.2.0', { components, $self: 'https://o.example/x' })).toEqual({ a: { 404: { description: 'Not Found' } }, b: { 404: { description: 'Not Found' } } });
    expect(refusal(overlay([{ $ref: '#/components/actions/none', target: '$' }], '1.2.0', { components }))).toMatch(/action 0.*"\$ref"/);
    expect(refusal(overlay([action('$')], '1.1.0', { components }))).toMatch(/"\$ref".*no field of an action in Overlay 1\.1/);
  });

  it('works action by action on the result, several overlays in order, and on YAML', () => {
    const text = 'openapi: 3.0.0\ninfo: {title: A, version: "1"}\npaths: {}\n';
    const first = 'overlay: 1.0.0\ninfo: {title: O, version: 1.0}\nactions:\n- target: $.info\n  update: {title: B}\n';
    const second = overlay([{ target: "$.info[?@ == 'B']", update: 'C' }, { target: '$.nothing', remove: true }]);
    const document = loadDocument(text, { overlays: [first, second] });
    expect(document.title).toBe('C');
    expect(document.notes).toEqual([{ code: 'overlay-without-match', at: '/actions/1', message: expect.stringContaining('$.nothing') }]);
    expect(loadDocument(text, { overlays: [second, first] }).title).toBe('B');
  });

  it('L08: never changes the document it is given, nor what YAML aliases share', () => {
    const shared = { description: 'ok' };
    const root = { a: { shared }, b: { shared }, __proto__: { x: 1 } };
    const before = JSON.stringify(root);
    expect(apply(root, [{ target: '$.a.shared', update: { description: 'changed' } }])).toMatchObject({ a: { shared: { description: 'changed' } }, b: { shared: { description: 'ok' } } });
    expect(JSON.stringify(root)).toBe(before);
  });

  it('S11: a member called __proto__ is data', () => {
    const root: JsonObject = JSON.parse('{"a":{"__proto__":{"x":1}}}');
    const result = applyOverlay(root, '{"overlay":"1.1.0","info":{"title":"O","version":"1"},"actions":[{"target":"$.a","update":{"__proto__":{"y":2}}}]}').root;
    expect(JSON.stringify(result)).toBe('{"a":{"__proto__":{"x":1,"y":2}}}');
    expect(Reflect.get({}, 'y')).toBeUndefined();
  });

  it('1.0 replaces unlike members in a merge, 1.1 refuses them', () => {
    const action = [{ target: '$.a', update: { b: ['x'] } }];
    expect(apply({ a: { b: 'x' } }, action, '1.0.0')).toEqual({ a: { b: ['x'] } });
    expect(refusal(overlay(action), { a: { b: 'x' } })).toMatch(/action 0.*"update".*different kinds/);
  });

  it.each([
    ['no text', '', /cannot be read/],
    ['no overlay version', '{"openapi":"3.0.0"}', /"overlay" must be a version/],
    ['a version to come', overlay([{ target: '$' }], '2.0.0'), /"overlay"/],
    ['no info', '{"overlay":"1.0.0","actions":[{"target":"$"}]}', /"info\.title"/],
    ['no actions', overlay([]), /"actions"/],
    ['an action that is no object', overlay([{ target: '$' }, 7]), /action 1/],
    ['no target', overlay([{ update: {} }]), /action 0.*"target"/],
    ['a broken path', overlay([{ target: '$' }, { target: '$.[' }]), /action 1.*"target".*JSONPath/],
    ['a path that is none of RFC 9535', overlay([{ target: "$.a[?('x' in @.tags)]" }]), /"target"/],
    ['a misspelt field', overlay([{ target: '$', udpate: {} }]), /action 0.*"udpate"/],
    ['copy in 1.0', overlay([{ target: '$.a', copy: '$.list' }], '1.0.0'), /"copy".*Overlay 1\.0/],
    ['remove that is no boolean', overlay([{ target: '$.a', remove: 'yes' }]), /"remove"/],
    ['a description that is no text', overlay([{ target: '$.a', description: 1 }]), /"description"/],
    ['update beside copy', overlay([{ target: '$.a', update: {}, copy: '$.list' }]), /"copy"/],
    ['copy from two places', overlay([{ target: '$.a', copy: '$.*' }]), /"copy".*exactly one/],
    ['copy from nowhere', overlay([{ target: '$.a', copy: '$.none' }]), /"copy".*exactly one/],
    ['an object for a text', overlay([{ target: '$.text', update: {} }]), /"update"/],
    ['targets of different kinds', overlay([{ target: '$.*', update: 1 }]), /different kinds/],
    ['a primitive target in 1.0', overlay([{ target: '$.text', update: 'x' }], '1.0.0'), /"target".*1\.0/],
    ['removal of everything', overlay([{ target: '$', remove: true }]), /root/],
  ])('refuses %s as a whole, naming the action and the field', (_what, text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it('L17: an update that is large in many places is refused at once', () => {
    const paths = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`/p${at}`, {}]));
    expect(refusal(overlay([{ target: '$.paths.*', update: { 'x-list': Array.from({ length: 20_000 }, () => 1) } }]), { paths })).toContain('too large');
  });

  it('L17: a version field of any depth is named, not written out', () => {
    expect(refusal(`{"overlay":${'['.repeat(4_000)}${']'.repeat(4_000)}}`)).toContain('it is an array');
  });

  it('a valid action before an invalid one has no effect', () => {
    const text = overlay([{ target: '$.info', update: { title: 'B' } }, { target: '$.info.title', update: {} }]);
    expect(() => loadDocument('openapi: 3.0.0\ninfo: {title: A, version: "1"}', { overlays: [text] })).toThrow(DocumentError);
  });

  it('L17: copies that double the document and patterns that backtrack end soon', () => {
    const start = threadTime();
    const doubling = Array.from({ length: 40 }, (_, level) => [{ target: '$', update: { [`l${level}`]: {} } }, { target: `$.l${level}`, copy: '$' }]).flat();
    expect(refusal(overlay(doubling))).toMatch(/grows too large/);
    const nested = (levels: number, leaf: string) => `${'{"a":'.repeat(levels)}${leaf}${'}'.repeat(levels)}`;
    const deepRoot: JsonObject = JSON.parse(nested(50_000, '1'));
    expect(refusal(`{"overlay":"1.1.0","info":{"title":"O","version":"1"},"actions":[{"target":"$","update":${nested(50_000, '2')}}]}`, deepRoot)).toMatch(/action 0/);
    expect(refusal(overlay([{ target: '$..a', update: {} }]), deepRoot)).toMatch(/too deeply/);
    const slow = overlay([{ target: "$[?search(@, '(a+)+$')]", remove: true }]);
    expect(applyOverlay({ text: `${'a'.repeat(50_000)}b` }, slow).notes).toHaveLength(1);
    expect(threadTime() - start).toBeLessThan(10_000);
  });
});
