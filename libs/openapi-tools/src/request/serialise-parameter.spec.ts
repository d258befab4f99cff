import { describe, expect, it } from '@jest/globals';
import { ArgumentError } from '../arguments/argument.error.js';
import { ownObject, type JsonValue } from '../json.js';
import type { CompiledOperation } from '../tool/compile-operation.js';
import { bindRequest } from './bind-request.js';
import { compileDocument } from '../../../../test/tools/compiled-document.js';
import { useWire } from '../../../../test/tools/request-on-the-wire.js';

type Given = Record<string, JsonValue>;
type Written = Record<string, unknown>;

const send = useWire();

const compile = (path: string, parameters: readonly Written[], extra: Written = {}): CompiledOperation =>
  compileDocument({ openapi: '3.2.0', info: { title: 't', version: '1' }, paths: { [path]: { get: { parameters } } }, ...extra });

/** The request target and the header lines as a server reads them from TCP. */
async function wire(compiled: CompiledOperation, args: Given): Promise<{ target: string; lines: readonly string[] }> {
  const { requestLine, headerLines } = await send(compiled, args);
  return { target: /^GET (\S+) HTTP\/1\.1$/.exec(requestLine)?.[1] ?? requestLine, lines: headerLines };
}

const color: Readonly<Record<string, JsonValue>> = { null: null, empty: '', string: 'blue', number: 5, array: ['blue', 'black', 'brown'], object: { R: 100, G: 200, B: 150 }, none: [], nothing: {} };

describe('W04: the style table of OAS 3.2 §4.12.8, on the wire', () => {
  it.each<[style: string, explode: boolean, Readonly<Record<string, string>>]>([
    ['form', false, { null: '', empty: '?color=', string: '?color=blue', number: '?color=5', array: '?color=blue,black,brown', object: '?color=R,100,G,200,B,150', none: '', nothing: '' }],
    ['form', true, { null: '', empty: '?color=', string: '?color=blue', array: '?color=blue&color=black&color=brown', object: '?R=100&G=200&B=150', none: '', nothing: '' }],
    ['spaceDelimited', false, { null: '', string: '?color=blue', array: '?color=blue%20black%20brown', object: '?color=R%20100%20G%20200%20B%20150', none: '' }],
    ['spaceDelimited', true, { array: '?color=blue&color=black&color=brown', object: '?R=100&G=200&B=150' }],
    ['pipeDelimited', false, { null: '', string: '?color=blue', array: '?color=blue%7Cblack%7Cbrown', object: '?color=R%7C100%7CG%7C200%7CB%7C150', none: '' }],
    ['pipeDelimited', true, { array: '?color=blue&color=black&color=brown', object: '?R=100&G=200&B=150' }],
    ['deepObject', true, { null: '', string: '?color=blue', array: '?color%5B%5D=blue&color%5B%5D=black&color%5B%5D=brown', object: '?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150', nothing: '' }],
    ['deepObject', false, { object: '?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150' }],
  ])('query %s, explode %s', async (style, explode, cells) => {
    const compiled = compile('/a', [{ name: 'color', in: 'query', style, explode, schema: {} }]);
    for (const [cell, expected] of Object.entries(cells)) expect([cell, (await wire(compiled, { color: color[cell] ?? null })).target]).toEqual([cell, `/a${expected}`]);
  });

  it.each<[style: string, explode: boolean, Readonly<Record<string, string>>]>([
    ['simple', false, { string: 'blue', number: '5', array: 'blue,black,brown', object: 'R,100,G,200,B,150' }],
    ['simple', true, { string: 'blue', array: 'blue,black,brown', object: 'R=100,G=200,B=150' }],
    ['label', false, { string: '.blue', array: '.blue,black,brown', object: '.R,100,G,200,B,150' }],
    ['label', true, { string: '.blue', array: '.blue.black.brown', object: '.R=100.G=200.B=150' }],
    ['matrix', false, { string: ';color=blue', array: ';color=blue,black,brown', object: ';color=R,100,G,200,B,150' }],
    ['matrix', true, { string: ';color=blue', array: ';color=blue;color=black;color=brown', object: ';R=100;G=200;B=150' }],
  ])('path %s, explode %s; what would leave an empty segment is refused', async (style, explode, cells) => {
    const compiled = compile('/a/{color}', [{ name: 'color', in: 'path', required: true, style, explode, schema: {} }]);
    for (const [cell, expected] of Object.entries(cells)) expect([cell, (await wire(compiled, { color: color[cell] ?? null })).target]).toEqual([cell, `/a/${expected}`]);
    for (const cell of ['null', 'empty', 'none', 'nothing']) expect(() => bindRequest(compiled, { color: color[cell] ?? null }, { baseUrl: 'http://h' })).toThrow(ArgumentError);
  });

  it.each<[style: string, explode: boolean, Readonly<Record<string, string | undefined>>]>([
    ['form', true, { null: undefined, empty: 'color=', string: 'color=blue', array: 'color=blue; color=black; color=brown', object: 'R=100; G=200; B=150', none: undefined }],
    ['form', false, { string: 'color=blue', array: 'color=blue,black,brown', object: 'color=R,100,G,200,B,150', nothing: undefined }],
    ['cookie', true, { null: undefined, empty: 'color=', string: 'color=blue', array: 'color=blue; color=black; color=brown', object: 'R=100; G=200; B=150' }],
    ['cookie', false, { string: 'color=blue', array: 'color=blue,black,brown' }],
  ])('W09: cookie %s, explode %s', async (style, explode, cells) => {
    const compiled = compile('/a', [{ name: 'color', in: 'cookie', style, explode, schema: {} }]);
    for (const [cell, expected] of Object.entries(cells)) {
      const { lines } = await wire(compiled, { color: color[cell] ?? null });
      expect([cell, lines.filter((line) => /^cookie/i.test(line))]).toEqual([cell, expected === undefined ? [] : [`cookie: ${expected}`]]);
    }
  });

  it('header simple: what has no members is not sent', async () => {
    const compiled = compile('/a', [{ name: 'X-C', in: 'header', schema: {} }]);
    for (const cell of ['null', 'none', 'nothing']) expect((await wire(compiled, { 'X-C': color[cell] ?? null })).lines.join()).not.toContain('x-c');
    expect((await wire(compiled, { 'X-C': color['object'] ?? null })).lines).toContain('x-c: R,100,G,200,B,150');
    expect((await wire(compiled, { 'X-C': '"é"' })).lines).toContain('x-c: "é"');
  });

  it('allowEmptyValue sends the name of what is undefined', async () => {
    const compiled = compile('/a', [{ name: 'q', in: 'query', allowEmptyValue: true, schema: {} }]);
    for (const value of [null, [], {}, '']) expect((await wire(compiled, { q: value })).target).toBe('/a?q=');
  });
});

describe('W09: cookies are RFC 6265 bytes in one header', () => {
  it('several parameters join one header; form percent-encodes what no cookie may hold', async () => {
    const compiled = compile('/a', [{ name: 'a b', in: 'cookie' }, { name: 'session', in: 'cookie' }, { name: 'raw', in: 'cookie', style: 'cookie' }]);
    const { lines } = await wire(compiled, { a_b: 'x;y=z, "q"\\é\r\n', session: 'Hello, world!', raw: 'Hello%2C%20world!' });
    expect(lines.filter((line) => /^cookie/i.test(line))).toEqual(['cookie: a%20b=x%3By%3Dz%2C%20%22q%22%5C%C3%A9%0D%0A; session=Hello%2C%20world%21; raw=Hello%2C%20world!']);
  });

  it.each(['a;b', 'a b', 'a,b', 'a"b', 'a\\b', 'é', 'a\r\nX: y', 'a\u0000', '"open'])('style cookie refuses %j, which it may not escape', (value) => {
    const compiled = compile('/a', [{ name: 'c', in: 'cookie', style: 'cookie' }]);
    expect(() => bindRequest(compiled, { c: value }, { baseUrl: 'http://h' })).toThrow(expect.objectContaining({ argument: 'c' }));
    expect(() => bindRequest(compiled, { c: { [value]: 'x' } }, { baseUrl: 'http://h' })).toThrow(ArgumentError);
  });

  it('style cookie keeps every cookie-octet, also in quotes', async () => {
    const compiled = compile('/a', [{ name: 'c', in: 'cookie', style: 'cookie' }]);
    const octets = Array.from({ length: 0x7f }, (_, code) => String.fromCharCode(code)).filter((char) => /[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/.test(char)).join('');
    expect((await wire(compiled, { c: octets })).lines).toContain(`cookie: c=${octets}`);
    expect((await wire(compiled, { c: `"${octets}"` })).lines).toContain(`cookie: c="${octets}"`);
  });

  it('the API\'s key is no argument, and no object may set it', () => {
    const components = { securitySchemes: { s: { type: 'apiKey', in: 'cookie', name: 'sid' } } };
    const compiled = compile('/a', [{ name: 'sid', in: 'cookie' }, { name: 'c', in: 'cookie', schema: { type: 'object' } }], { components });
    expect(Object.keys(ownObject(compiled.tool.inputSchema, 'properties') ?? {})).toEqual(['c']);
    expect(() => bindRequest(compiled, { c: { sid: 'x' } }, { baseUrl: 'http://h' })).toThrow(/credential/);
  });
});

describe('in: querystring (3.2)', () => {
  const querystring = (mediaType: string, extra: Written = {}) => compile('/a', [{ name: 'q', in: 'querystring', content: { [mediaType]: {} } }], extra);

  it.each<[string, JsonValue, string]>([
    ['application/x-www-form-urlencoded', { foo: 'a + b', bar: true }, '?foo=a+%2B+b&bar=true'],
    ['application/json', { numbers: [1, 2], flag: null }, '?%7B%22numbers%22%3A%5B1%2C2%5D%2C%22flag%22%3Anull%7D'],
    ['application/jsonpath', '$.a.b[1:1]', '?%24.a.b%5B1%3A1%5D'],
    ['text/plain', 'a=1&b=x+y&c=é#f', '?a=1&b=x+y&c=%C3%A9%23f'],
    ['application/x-www-form-urlencoded', {}, ''],
  ])('%s: %j is %s', async (mediaType, value, expected) => {
    expect((await wire(querystring(mediaType), { q: value })).target).toBe(`/a${expected}`);
  });

  it.each<[string, JsonValue]>([['application/x-www-form-urlencoded', { api_key: 'x' }], ['text/plain', 'a=1&api_key=x'], ['text/plain', 'a=1&api%5Fkey=x']])('%s: %j may not set the API\'s key', (mediaType, value) => {
    const compiled = querystring(mediaType, { components: { securitySchemes: { k: { type: 'apiKey', in: 'query', name: 'api_key' } } } });
    expect(() => bindRequest(compiled, { q: value }, { baseUrl: 'http://h' })).toThrow(/credential/);
  });
});

describe('W06: content parameters of other types', () => {
  it('text is sent as text, JSON as JSON, in every location', async () => {
    const compiled = compile('/a/{p}', [
      { name: 'p', in: 'path', required: true, content: { 'application/json': {} } },
      { name: 't', in: 'query', content: { 'text/plain': {} } },
      { name: 'X-J', in: 'header', content: { 'application/json': {} } },
      { name: 'c', in: 'cookie', content: { 'application/json': {} } },
      { name: 'raw', in: 'cookie', content: { 'text/plain': {} } },
    ]);
    const { target, lines } = await wire(compiled, { p: [1], t: 'a b', 'X-J': { a: 'b' }, c: { a: 1 }, raw: 'x=y' });
    expect((await wire(compiled, { p: 1, t: { a: 1 } })).target).toBe('/a/1?t=%7B%22a%22%3A1%7D');
    expect((await wire(compiled, { p: 1, t: null })).target).toBe('/a/1');
    expect(target).toBe('/a/%5B1%5D?t=a%20b');
    expect(lines).toEqual(expect.arrayContaining(['x-j: {"a":"b"}', 'cookie: c=%7B%22a%22%3A1%7D; raw=x=y']));
  });
});

describe('W10: allowReserved', () => {
  const reserved = ":/?#[]@!$&'()*+,;= %%2f%é";

  it('in a query keeps reserved characters and triples, but not what would end or split it', async () => {
    const compiled = compile('/a', [{ name: 'q', in: 'query', allowReserved: true }, { name: 'n', in: 'query' }]);
    expect((await wire(compiled, { q: reserved, n: '1' })).target).toBe('/a?q=:/?%23%5B%5D@!$%26%27()*%2B,;=%20%25%2f%25%C3%A9&n=1');
    expect((await wire(compiled, { q: ['a/b', 'c&d'] })).target).toBe('/a?q=a/b&q=c%26d');
  });

  it('in a path keeps the segment one segment', async () => {
    const compiled = compile('/a/{p}/b', [{ name: 'p', in: 'path', required: true, allowReserved: true }]);
    expect((await wire(compiled, { p: reserved })).target).toBe("/a/:%2F%3F%23%5B%5D@!$&'()*+,;=%20%25%2f%25%C3%A9/b");
    for (const p of ['..', '%2e%2e', '..%2fx', '..;x']) expect(() => bindRequest(compiled, { p }, { baseUrl: 'http://h' })).toThrow(ArgumentError);
  });

  it('in a cookie still encodes what is no cookie-octet', async () => {
    const compiled = compile('/a', [{ name: 'c', in: 'cookie', allowReserved: true }]);
    expect((await wire(compiled, { c: reserved })).lines).toContain("cookie: c=:/?#[]@!$&'()*+%2C%3B=%20%25%2f%25%C3%A9");
  });
});

describe('W16: digits', () => {
  it('an integer beyond 2^53 keeps them in every location', async () => {
    const id = 12345678901234567890n;
    const compiled = compile('/a/{p}', ['path', 'query', 'header', 'cookie'].map((location) => ({ name: location[0] ?? '', in: location, required: true, schema: { type: 'integer' } })));
    const { target, lines } = await wire(compiled, { p: id, q: [id], h: id, c: id });
    expect([target, lines.filter((line) => line.includes('12345678901234567890'))]).toEqual(['/a/12345678901234567890?q=12345678901234567890', ['h: 12345678901234567890', 'cookie: c=12345678901234567890']]);
  });
});
