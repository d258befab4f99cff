import { describe, expect, it } from '@jest/globals';
import { assignKeys } from './argument-keys.js';

const keysOf = (...items: [location: 'path' | 'query' | 'header' | 'body', name: string][]): readonly string[] => {
  return assignKeys(items.map(([location, name]) => ({ location, name })));
};

describe('argument keys', () => {
  it.each([
    ['$select', 'select'],
    ['$.xgafv', '.xgafv'],
    ['ids[]', 'ids'],
    ['page[size]', 'page_size'],
    ['X-Api.Version', 'X-Api.Version'],
    ['@type', 'type'],
    ['filter{name}', 'filter_name'],
    ['__proto__', 'proto'],
    ['_id', '_id'],
  ])('N05: %s becomes %s', (name, key) => {
    expect(keysOf(['query', name])).toEqual([key]);
  });

  it('N05: 80 characters, emoji and nothing but symbols become legal keys', () => {
    for (const key of keysOf(['query', 'x'.repeat(80)], ['query', '😀'], ['query', '[]'])) expect(key).toMatch(/^[a-zA-Z0-9_.-]{1,64}$/);
  });

  it('W03: a cookie and a whole query come last and say where they go', () => {
    const named = (['querystring', 'cookie', 'header'] as const).map((location) => ({ location, name: 'id' }));
    expect(assignKeys(named)).toEqual(['id__querystring', 'id__cookie', 'id']);
  });

  it('N05: the pattern "word" (Gemini) admits letters, digits and underscores only', () => {
    const named = ['X-Api.Version', 'a.b', 'a_b', 'ok'].map((name) => ({ location: 'query', name }) as const);
    const keys = assignKeys(named, 'word');
    for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9_]{1,64}$/);
    expect([keys[0], keys[2], keys[3], new Set(keys).size]).toEqual(['X_Api_Version', 'a_b', 'ok', 4]);
  });

  it('N06: names that sanitise alike stay apart, and the one that needs no change keeps its name', () => {
    const keys = keysOf(['query', 'a[b]'], ['query', 'a_b'], ['query', 'a{b}']);
    expect(keys[1]).toBe('a_b');
    expect(new Set(keys).size).toBe(3);
    expect(keysOf(['query', 'a{b}'], ['query', 'a_b'])[1]).toBe('a_b');
  });

  it('W03: the body keeps its name, parameters get their location', () => {
    expect(keysOf(['path', 'id'], ['query', 'id'], ['header', 'id'], ['body', 'id'])).toEqual(['id__path', 'id__query', 'id__header', 'id']);
    expect(keysOf(['query', 'id'], ['path', 'id'])).toEqual(['id__query', 'id']);
  });

  it('a suffixed key that somebody owns already gets a hash', () => {
    const keys = keysOf(['body', 'id'], ['body', 'id__query'], ['query', 'id']);
    expect(keys.slice(0, 2)).toEqual(['id', 'id__query']);
    expect(keys[2]).toMatch(/^id__query_[a-z2-7]{8}$/);
  });
});
