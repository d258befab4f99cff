import { describe, expect, it } from '@jest/globals';
import busboy from 'busboy';
import { parseCookie } from 'cookie';
import * as fc from 'fast-check';
import qs from 'qs';
import { parse as parseTemplate } from 'uri-template';
import { ArgumentError } from '../arguments/argument.error.js';
import { loadDocument } from '../document/load-document.js';
import { parseArguments, type JsonValue } from '../json.js';
import { indexOperations } from '../operation/index-operations.js';
import { compileOperation, type CompiledOperation } from '../tool/compile-operation.js';
import { bindRequest, type HttpRequest } from './bind-request.js';

/** What is bound is read back by somebody else's reader: uri-template, qs, busboy, cookie, URLSearchParams, JSON.parse. */

function compile(path: string, operation: Record<string, unknown>): CompiledOperation {
  const document = loadDocument(JSON.stringify({ openapi: '3.2.0', info: { title: 't', version: '1' }, paths: { [path]: { post: operation } } }));
  const [found] = indexOperations(document).operations;
  if (found === undefined) throw new Error('skipped');
  return compileOperation(document, found);
}

const bind = (compiled: CompiledOperation, args: Record<string, JsonValue>): HttpRequest => bindRequest(compiled, args, { baseUrl: 'http://h' });
const runs = { numRuns: 150 };

/** Without characters beyond the BMP, which uri-template writes as two surrogates; the other readers take them. */
const letters = Array.from("abcXYZ019-_~ !*'\"()éß€,;=&+/?#[]@:$|<>{}^`");
const word = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 12 });
const anyText = fc.string({ unit: 'grapheme', maxLength: 20 });
const name = fc.stringMatching(/^[a-z][a-zA-Z0-9_]{0,8}$/).filter((text) => !(text in {}));
const words = fc.array(word, { minLength: 1, maxLength: 5 });
const record = fc.dictionary(word.filter((key) => key !== '__proto__'), word, { minKeys: 1, maxKeys: 4, noNullPrototype: true });
const value = fc.oneof(word, words, record);

/** RFC 6570 §2.4.2: explode says nothing of a text; uri-template drops its name there. */
function expanderOf(template: string): (values: Record<string, JsonValue>) => string {
  const exploded = parseTemplate(template);
  const plain = parseTemplate(template.replace('*', ''));
  return (values) => (Object.values(values).some((one) => typeof one === 'string') ? plain : exploded).expand(values);
}

describe('URI templates (RFC 6570) say the same', () => {
  it.each([
    ['simple', false, '{p}'],
    ['simple', true, '{p*}'],
    ['label', false, '{.p}'],
    ['label', true, '{.p*}'],
    ['matrix', false, '{;p}'],
    ['matrix', true, '{;p*}'],
  ])('path %s, explode %s is %s', (style, explode, template) => {
    const compiled = compile('/a/{p}', { parameters: [{ name: 'p', in: 'path', required: true, style, explode, schema: {} }] });
    const expand = expanderOf(`/a/${template}`);
    fc.assert(fc.property(value, (p) => expect(bind(compiled, { p }).url.pathname).toBe(expand({ p }))), runs);
  });

  it.each([
    [false, '{?q}'],
    [true, '{?q*}'],
  ])('query form, explode %s is %s', (explode, template) => {
    const compiled = compile('/a', { parameters: [{ name: 'q', in: 'query', explode, schema: {} }] });
    const expand = expanderOf(template);
    fc.assert(fc.property(fc.oneof(value, fc.constant(''), fc.constant(null)), (q) => expect(bind(compiled, { q }).url.search.replace(/^\?$/, '')).toBe(expand({ q }))), runs);
  });

  it('query allowReserved is {+q}, but for what no query value may hold', () => {
    const compiled = compile('/a', { parameters: [{ name: 'q', in: 'query', allowReserved: true, schema: {} }] });
    const { expand } = parseTemplate('{+q}');
    const escape = (text: string): string => text.replace(/[&#[\]+']/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);
    fc.assert(fc.property(word, (q) => expect(bind(compiled, { q }).url.search).toBe(`?q=${escape(expand({ q }))}`)), runs);
  });
});

describe('other readers read the same', () => {
  const leaf: fc.Arbitrary<JsonValue> = anyText;
  const { tree } = fc.letrec<{ tree: JsonValue; object: JsonValue }>((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('tree'), { minLength: 1, maxLength: 3 }), tie('object')),
    object: fc.dictionary(name, tie('tree'), { minKeys: 1, maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<JsonValue>,
  }));
  const trees = fc.dictionary(name, tree, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
  const read = (text: string): unknown => qs.parse(text, { depth: 30, arrayLimit: 1_000, strictDepth: true });

  it('qs: deepObject in a query and in a form', () => {
    const query = compile('/a', { parameters: [{ name: 'q', in: 'query', style: 'deepObject', schema: {} }] });
    const form = compile('/a', { requestBody: { required: true, content: { 'application/x-www-form-urlencoded': { schema: { type: 'object', properties: { q: {} } }, encoding: { q: { style: 'deepObject' } } } } } });
    fc.assert(
      fc.property(trees, (q) => {
        expect(read(bind(query, { q }).url.search.slice(1))).toEqual({ q });
        expect(read(String(bind(form, { q }).body))).toEqual({ q });
      }),
      runs,
    );
  });

  it('URLSearchParams: names and values of a query and of a form, whatever their text', () => {
    const form = compile('/a', { requestBody: { required: true, content: { 'application/x-www-form-urlencoded': {} } } });
    const query = compile('/a', { parameters: [{ name: 'q', in: 'query', schema: {} }] });
    fc.assert(
      fc.property(fc.dictionary(anyText.filter((key) => key !== '__proto__'), fc.array(anyText, { minLength: 1, maxLength: 3 }), { noNullPrototype: true }), anyText, (members, q) => {
        const expected = Object.entries(members).flatMap(([key, items]) => items.map((item) => [key, item]));
        const { body } = bind(form, { body: members });
        expect([...new URLSearchParams(String(body))]).toEqual(expected);
        // The serialiser of WHATWG URL is the reference to the byte.
        expect(body).toBe(new URLSearchParams(expected).toString());
        expect(bind(query, { q }).url.searchParams.get('q')).toBe(q);
      }),
      runs,
    );
  });

  it('busboy: fields and files of a multipart body, whatever their bytes', async () => {
    const compiled = compile('/a', { requestBody: { required: true, content: { 'multipart/form-data': { schema: { type: 'object', properties: { texts: { type: 'array', items: { type: 'string' } }, files: { type: 'array', items: { type: 'string', format: 'binary' } }, json: { type: 'object' } } } } } } });
    const filename = fc.string({ unit: fc.constantFrom(...Array.from('aZ0 é€😀"\r\n;=.\'')), minLength: 1, maxLength: 10 });
    const file = fc.record({ bytes: fc.uint8Array({ maxLength: 200 }), filename });
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { maxLength: 3 }), fc.array(file, { maxLength: 3 }), fc.jsonValue({ maxDepth: 2 }), async (texts, files, json) => {
        const given = files.map((one) => ({ data: Buffer.from(one.bytes).toString('base64'), filename: one.filename, mime_type: 'image/png' }));
        const seen = await readMultipart(bind(compiled, { texts, files: given, json: { json: json as JsonValue } }));
        expect(seen.fields).toEqual([...texts.map((text) => ['texts', text]), ['json', JSON.stringify({ json })]]);
        expect(seen.files).toEqual(files.map((one) => ['files', one.filename.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A'), 'image/png', Buffer.from(one.bytes).toString('hex')]));
      }),
      runs,
    );
  });

  it('cookie: every text in style form', () => {
    const compiled = compile('/a', { parameters: ['a', 'b', 'c'].map((cookie) => ({ name: cookie, in: 'cookie' })) });
    fc.assert(
      fc.property(fc.record({ a: anyText, b: anyText, c: anyText }), (args) => {
        const header = bind(compiled, args).headers.filter(([field]) => field === 'cookie');
        expect(header).toHaveLength(1);
        expect({ ...parseCookie(header[0]?.[1] ?? '') }).toEqual(args);
      }),
      runs,
    );
  });

  it('JSON.parse: every JSON body; and all digits of integers', () => {
    const compiled = compile('/a', { requestBody: { required: true, content: { 'application/json': { schema: {} } } } });
    fc.assert(fc.property(fc.jsonValue(), (body) => expect(JSON.parse(String(bind(compiled, { body: body as JsonValue }).body))).toEqual(JSON.parse(JSON.stringify(body)))), runs);
    const big = fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n });
    fc.assert(fc.property(fc.array(fc.record({ id: big })), (body) => expect(parseArguments(String(bind(compiled, { body }).body))).toEqual(body)), runs);
  });
});

describe('whatever the value, the request stays the operation\'s', () => {
  const nasty = fc.string({ unit: fc.constantFrom('.', '..', '/', '\\', '%2e', '%2F', '%25', ';', '?', '#', '\u0000', '\r', '\n', 'a', ' ', ':', '@', '\ud800'), maxLength: 8 });

  it.each(['simple', 'label', 'matrix'])('attack 10: a path value in style %s is refused or stays one segment that decodes to it', (style) => {
    for (const allowReserved of [false, true]) {
      const compiled = compile('/a/{p}/z', { parameters: [{ name: 'p', in: 'path', required: true, style, allowReserved, schema: {} }] });
      fc.assert(
        fc.property(nasty, (p) => {
          const pathname = pathnameOf(compiled, p);
          if (pathname === undefined) return;
          const [, , segment = '', ...rest] = pathname.split('/');
          expect([pathname.startsWith('/a/'), rest]).toEqual([true, ['z']]);
          expect(segment).not.toMatch(/^(\.|%2e){1,2}$/i);
          const prefix = style === 'label' ? '.' : style === 'matrix' ? ';p=' : '';
          const decoded = decodeURIComponent(segment);
          // A triple that allowReserved lets through is decoded along.
          expect([`${prefix}${p}`, `${prefix}${decodeURIComponent(p.replace(/%(?![0-9A-Fa-f]{2})/g, '%25'))}`].slice(0, allowReserved ? 2 : 1)).toContain(decoded);
        }),
        { numRuns: 500 },
      );
    }
  });

  it('W07: a header or cookie value never makes another line', () => {
    const compiled = compile('/a', { parameters: [{ name: 'X-H', in: 'header' }, { name: 'c', in: 'cookie' }, { name: 'v', in: 'cookie', style: 'cookie' }] });
    fc.assert(
      fc.property(nasty, nasty, nasty, (header, cookie, verbatim) => {
        try {
          for (const [, text] of bind(compiled, { 'X-H': header, c: cookie, v: verbatim }).headers) expect(text).toMatch(/^[\t\x20-\x7e\xa0-\xff]*$/);
        } catch (error) {
          if (!(error instanceof ArgumentError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});

function pathnameOf(compiled: CompiledOperation, p: string): string | undefined {
  try {
    return bind(compiled, { p }).url.pathname;
  } catch (error) {
    if (error instanceof ArgumentError) return undefined;
    throw error;
  }
}

function readMultipart({ headers, body }: HttpRequest): Promise<{ fields: unknown[]; files: unknown[] }> {
  return new Promise((resolve, reject) => {
    const fields: unknown[] = [];
    const files: unknown[] = [];
    const reader = busboy({ headers: { 'content-type': headers.find(([field]) => field === 'content-type')?.[1] ?? '' }, defParamCharset: 'utf8', preservePath: true });
    reader.on('field', (field, text) => fields.push([field, text]));
    reader.on('file', (field, stream, { filename, mimeType }) => {
      const chunks: Buffer[] = [];
      const at = files.push([]) - 1;
      stream.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        files[at] = [field, filename, mimeType, Buffer.concat(chunks).toString('hex')];
      });
    });
    reader.on('close', () => resolve({ fields, files })).on('error', reject);
    reader.end(body);
  });
}
