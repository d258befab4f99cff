import { threadTime } from '@gatehouse-mcp/testing';
import { describe, expect, it } from '@jest/globals';
import { ArgumentError } from '../arguments/argument.error.js';
import { bindRequest } from './bind-request.js';
import { compileOperation } from '../tool/compile-operation.js';
import { indexOperations } from '../operation/index-operations.js';
import type { JsonValue } from '../json.js';
import { loadDocument } from '../document/load-document.js';

function bindPath(path: string, args: Record<string, JsonValue>, parameters: unknown = undefined): URL {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]);
  const document = loadDocument(
    JSON.stringify({
      openapi: '3.0.3',
      paths: { [path]: { get: { parameters: parameters ?? names.map((name) => ({ name, in: 'path', required: true, schema: {} })) } } },
    }),
  );
  const [operation] = indexOperations(document).operations;
  if (operation === undefined) throw new Error('skipped');
  return bindRequest(compileOperation(document, operation), args, { baseUrl: 'https://api.example/base/v1/' }).url;
}

function pathOf(style: string, explode: boolean, value: JsonValue): string {
  const url = bindPath('/x/{p}', { p: value }, [{ name: 'p', in: 'path', required: true, style, explode, schema: {} }]);
  return url.pathname.slice('/base/v1/x/'.length);
}

describe('attack 10: path values that would lead to another endpoint', () => {
  const percent = (text: string, times: number): string => (times === 0 ? text : percent(encodeURIComponent(text).replaceAll('.', '%2E'), times - 1));

  it.each([
    ['empty', ''],
    ['.', '.'],
    ['..', '..'],
    ['../admin', '../admin'],
    ['a/../b', 'a/../b'],
    ['a/..', 'a/..'],
    ['%2e%2e', '%2e%2e'],
    ['%2E.', '%2E.'],
    ['..%2f', '..%2f'],
    ['..%2Ffiles', '..%2Ffiles'],
    ['%252e%252e%252f', '%252e%252e%252f'],
    ['nine encodings of ../', percent('../', 9)],
    ['thirty encodings of ../', percent('..', 30)],
    ['a chain of 100,000 %25', `%${'25'.repeat(100_000)}2e%${'25'.repeat(100_000)}2e`],
    ['..\\', '..\\'],
    ['a\\..\\b', 'a\\..\\b'],
    ['..%5c', '..%5cadmin'],
    ['..;x', '..;x'],
    ['a/..;x=1/b', 'a/..;x=1/b'],
    ['NUL', 'a\u0000b'],
    ['encoded NUL', 'a%00b'],
    ['CRLF', 'a\r\nb'],
    ['encoded CRLF', 'a%0d%0aX: y'],
    ['DEL', 'a\u007f'],
    ['half a surrogate pair', 'a\ud800'],
    ['null', null],
    ['an empty array', []],
    ['an array with an empty item', ['a', '']],
    ['an array with dots', ['a', '..']],
    ['an empty object', {}],
    ['an object key with dots', { '..': 'x' }],
  ])('refuses %s', (_what, value) => {
    const start = threadTime();
    expect(() => bindPath('/orders/{id}/items', { id: value })).toThrow(ArgumentError);
    expect(threadTime() - start).toBeLessThan(500);
  });

  it.each([
    [';x', '%3Bx'],
    ['/', '%2F'],
    ['a/b', 'a%2Fb'],
    ['a\\b', 'a%5Cb'],
    ['?', '%3F'],
    ['#', '%23'],
    ['a%2Fb', 'a%252Fb'],
    ['...', '...'],
    ['a..b', 'a..b'],
    ['.hidden', '.hidden'],
    ['v1.2.', 'v1.2.'],
    ['100%', '100%25'],
    ['@evil.example', '%40evil.example'],
    ['https://evil.example', 'https%3A%2F%2Fevil.example'],
    ["!'()*", '%21%27%28%29%2A'],
    ['größe €😀', 'gr%C3%B6%C3%9Fe%20%E2%82%AC%F0%9F%98%80'],
  ])('sends %s as one encoded segment', (value, encoded) => {
    expect(bindPath('/orders/{id}/items', { id: value }).href).toBe(`https://api.example/base/v1/orders/${encoded}/items`);
  });

  it('refuses dots that two parts of one segment make together', () => {
    expect(() => bindPath('/x/{a}{b}/y', { a: '%2', b: 'e' })).toThrow(ArgumentError);
    expect(() => bindPath('/x/{a}%2e/y', { a: '%2e' })).toThrow(ArgumentError);
    expect(bindPath('/x/{a}.{b}/y', { a: 'file', b: 'json' }).pathname).toBe('/base/v1/x/file.json/y');
  });

  it('W02: a name that is part of the path\'s text is not replaced', () => {
    expect(bindPath('/inputs/{input}/b04/{b}', { input: 'i', b: '7' }).pathname).toBe('/base/v1/inputs/i/b04/7');
    expect(bindPath('/a/{id}', { id: '{id}' }).pathname).toBe('/base/v1/a/%7Bid%7D');
  });

  it('W04: label and matrix styles as in RFC 6570', () => {
    expect(pathOf('simple', false, ['a', 'b c'])).toBe('a,b%20c');
    expect(pathOf('simple', false, { R: 100, G: 200 })).toBe('R,100,G,200');
    expect(pathOf('simple', true, { R: 100, G: 200 })).toBe('R=100,G=200');
    expect(pathOf('label', false, ['a', 'b'])).toBe('.a,b');
    expect(pathOf('label', true, ['a', 'b'])).toBe('.a.b');
    expect(pathOf('matrix', false, 'v')).toBe(';p=v');
    expect(pathOf('matrix', false, ['a', 'b'])).toBe(';p=a,b');
    expect(pathOf('matrix', true, ['a', 'b'])).toBe(';p=a;p=b');
    expect(pathOf('matrix', true, { R: 1 })).toBe(';R=1');
  });
});
