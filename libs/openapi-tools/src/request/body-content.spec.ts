import { describe, expect, it } from '@jest/globals';
import { ArgumentError } from '../arguments/argument.error.js';
import { loadDocument } from '../document/load-document.js';
import type { JsonValue } from '../json.js';
import { indexOperations } from '../operation/index-operations.js';
import type { CompiledOperation } from '../tool/compile-operation.js';
import { bindRequest, type BindTarget } from './bind-request.js';
import { argumentsOf, compileDocument } from '../../../../test/tools/compiled-document.js';
import { useWire } from '../../../../test/tools/request-on-the-wire.js';

type Given = Record<string, JsonValue>;
type Written = Record<string, unknown>;

const send = useWire();

const compile = (operation: Written, extra: Written = {}): CompiledOperation =>
  compileDocument({ openapi: '3.1.0', info: { title: 't', version: '1' }, paths: { '/a': { post: operation } }, ...extra });
const withBody = (mediaType: string, media: Written, extra: Written = {}): CompiledOperation => compile({ requestBody: { required: true, content: { [mediaType]: media } } }, extra);

/** What arrives at a server that reads bytes: the Content-Type and the body. */
async function wire(compiled: CompiledOperation, args: Given, target: BindTarget = {}): Promise<{ type: string; body: Buffer; text: string }> {
  const received = await send(compiled, args, target);
  const types = received.headerLines.flatMap((line) => /^content-type: (.*)$/.exec(line)?.[1] ?? []);
  expect(types.length).toBeLessThan(2);
  return { type: types[0] ?? '', body: received.body, text: received.body.toString() };
}

/** A multipart body with its boundary written as B. */
async function parts(compiled: CompiledOperation, args: Given, target: BindTarget = {}): Promise<string> {
  const { type, text } = await wire(compiled, args, target);
  const boundary = /boundary=(\S+)$/.exec(type)?.[1] ?? 'none';
  expect(boundary).toMatch(/^[-A-Za-z0-9]{20,70}$/);
  return text.replaceAll(boundary, 'B');
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const properties = (members: Written): Written => ({ schema: { type: 'object', properties: members } });

describe('W12: forms', () => {
  const stripe = { customer: { type: 'string' }, items: { type: 'array', items: { type: 'object' } }, metadata: { type: 'object' }, expand: { type: 'array', items: { type: 'string' } } };
  const deep = { style: 'deepObject', explode: true };

  it('Stripe: nested objects and arrays with encoding deepObject', async () => {
    const compiled = withBody('application/x-www-form-urlencoded', { ...properties(stripe), encoding: { items: deep, metadata: deep, expand: deep } });
    const { type, text } = await wire(compiled, { customer: 'cus 1', items: [{ price: 'p_1', quantity: 2 }, { price: 'p_2' }], metadata: { a: { b: 'x&y' } }, expand: ['data', 'more'] });
    expect(type).toBe('application/x-www-form-urlencoded');
    expect(text).toBe('customer=cus+1&items%5B0%5D%5Bprice%5D=p_1&items%5B0%5D%5Bquantity%5D=2&items%5B1%5D%5Bprice%5D=p_2&metadata%5Ba%5D%5Bb%5D=x%26y&expand%5B%5D=data&expand%5B%5D=more');
  });

  it.each<[string, Written, JsonValue, string]>([
    ['text, as WHATWG URL writes it', {}, 'a b~*\'!()-._é&=+', 'p=a+b%7E*%27%21%28%29-._%C3%A9%26%3D%2B'],
    ['an array is repeated', {}, ['a', 1, true], 'p=a&p=1&p=true'],
    ['an object is JSON (OAS 3.2 Encoding Object)', {}, { street: '1 B St', zip: '9+1' }, 'p=%7B%22street%22%3A%221+B+St%22%2C%22zip%22%3A%229%2B1%22%7D'],
    ['objects of an array are JSON each', {}, [{ a: 1 }, { a: 2 }], 'p=%7B%22a%22%3A1%7D&p=%7B%22a%22%3A2%7D'],
    ['declared JSON makes a text JSON', { contentType: 'application/json' }, 'x', 'p=%22x%22'],
    ['null is left out', {}, null, ''],
    ['null of declared JSON is not', { contentType: 'application/json' }, null, 'p=null'],
    ['explode: false', { explode: false }, ['a', 'b c'], 'p=a,b%20c'],
    ['explode of an object', { style: 'form' }, { x: 1, y: 2 }, 'x=1&y=2'],
    ['spaceDelimited', { style: 'spaceDelimited', explode: false }, ['a', 'b'], 'p=a%20b'],
    ['pipeDelimited', { style: 'pipeDelimited' }, ['a', 'b'], 'p=a%7Cb'],
    ['allowReserved', { allowReserved: true }, 'http://x/?a=b&c#d+e f', 'p=http://x/?a=b%26c%23d%2Be%20f'],
  ])('%s', async (_what, encoding, value, expected) => {
    const compiled = withBody('application/x-www-form-urlencoded', { ...properties({ p: {} }), encoding: { p: encoding } });
    expect((await wire(compiled, { p: value })).text).toBe(expected);
  });

  it('an object that may have no member asks for no argument (Stripe writes it for every GET)', () => {
    const media = { schema: { type: 'object', properties: {}, additionalProperties: false } };
    const optional = compile({ requestBody: { content: { 'application/x-www-form-urlencoded': media } } });
    expect(argumentsOf(optional)).toEqual({});
    expect(bindRequest(optional, {}, { baseUrl: 'http://h' }).body).toBeUndefined();
    expect(bindRequest(withBody('application/json', media), {}, { baseUrl: 'http://h' }).body).toBe('{}');
  });

  it('a form of many or unknown members is one argument, an object', async () => {
    const compiled = withBody('application/x-www-form-urlencoded', {});
    expect(argumentsOf(compiled)).toEqual({ body: { type: 'object' } });
    expect((await wire(compiled, { body: { 'a[b]': [1, 2] } })).text).toBe('a%5Bb%5D=1&a%5Bb%5D=2');
    expect(() => bindRequest(compiled, { body: 5 }, { baseUrl: 'http://h' })).toThrow(ArgumentError);
  });
});

describe('W15: a text that has no UTF-8 form', () => {
  it.each(['application/x-www-form-urlencoded', 'application/x-ndjson', 'application/json-seq', 'text/plain', 'application/xml'])('is refused as %s', (type) => {
    const compiled = withBody(type, {});
    expect(() => bindRequest(compiled, { body: 'a\ud800' }, { baseUrl: 'http://h' })).toThrow(/half a surrogate pair/);
    expect(bindRequest(compiled, { body: 'a=\ud83d\ude00' }, { baseUrl: 'http://h' }).body).toBe('a=\ud83d\ude00');
  });
});

describe('W13: multipart', () => {
  const file = { type: 'string', format: 'binary' };

  it('text, JSON and file parts, in the order given', async () => {
    const compiled = withBody('multipart/form-data', properties({ title: { type: 'string' }, count: { type: 'integer' }, meta: { type: 'object' }, file, tags: { type: 'array', items: { type: 'string' } }, rows: { type: 'array', items: { type: 'object' } } }));
    const text = await parts(compiled, { title: 'é\nx', count: 5, meta: { a: [1] }, file: { data: base64('hello'), filename: 'h.txt', mime_type: 'text/plain' }, tags: ['a', 'b'], rows: [{ b: 1 }] });
    expect(text).toBe(
      [
        '--B\r\nContent-Disposition: form-data; name="title"\r\n\r\né\nx\r\n',
        '--B\r\nContent-Disposition: form-data; name="count"\r\n\r\n5\r\n',
        '--B\r\nContent-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\n\r\n{"a":[1]}\r\n',
        '--B\r\nContent-Disposition: form-data; name="file"; filename="h.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n',
        '--B\r\nContent-Disposition: form-data; name="tags"\r\n\r\na\r\n',
        '--B\r\nContent-Disposition: form-data; name="tags"\r\n\r\nb\r\n',
        '--B\r\nContent-Disposition: form-data; name="rows"\r\nContent-Type: application/json\r\n\r\n{"b":1}\r\n',
        '--B--\r\n',
      ].join(''),
    );
  });

  it('many files under one name; optional ones (anyOf null) too', async () => {
    const compiled = withBody('multipart/form-data', properties({ files: { anyOf: [{ type: 'array', items: file }, { type: 'null' }] }, one: { anyOf: [file, { type: 'null' }] } }));
    const text = await parts(compiled, { files: [{ data: base64('1'), filename: 'a' }, base64('2')], one: null });
    expect(text.split('--B').slice(1, 3)).toEqual([
      '\r\nContent-Disposition: form-data; name="files"; filename="a"\r\nContent-Type: application/octet-stream\r\n\r\n1\r\n',
      '\r\nContent-Disposition: form-data; name="files"; filename="files"\r\nContent-Type: application/octet-stream\r\n\r\n2\r\n',
    ]);
  });

  it.each([
    ['"', '%22'],
    ['a\r\nX-Evil: 1', 'a%0D%0AX-Evil: 1'],
    ['größe €😀.txt', 'größe €😀.txt'],
    ['a\\b', 'a\\b'],
    ['100%.txt', '100%.txt'],
  ])('a filename %j is sent as %j', async (filename, expected) => {
    expect(await parts(withBody('multipart/form-data', properties({ file })), { file: { data: '', filename } })).toContain(`; name="file"; filename="${expected}"\r\n`);
  });

  it('a property named with quotes and line breaks cannot end its header', async () => {
    const compiled = withBody('multipart/form-data', properties({ 'a"\r\nb': { type: 'string' } }));
    const [key = ''] = Object.keys(argumentsOf(compiled));
    expect(await parts(compiled, { [key]: 'x' })).toContain('name="a%22%0D%0Ab"\r\n');
  });

  it('contentType and headers of the Encoding Object', async () => {
    const encoding = {
      image: { contentType: 'image/png, image/jpeg', headers: { 'X-Fixed': { schema: { const: 'yes' } }, 'X-Free': { schema: { type: 'string' } }, 'Content-Type': { schema: { const: 'text/evil' } }, 'X-Default': { schema: { type: 'integer', default: 7 } } } },
      note: { contentType: 'text/markdown; charset=utf-8' },
      meta: { contentType: 'application/vnd.x+json' },
      doc: { contentType: 'application/xml' },
    };
    const compiled = withBody('multipart/form-data', { ...properties({ image: { type: 'string' }, note: { type: 'string' }, meta: { type: 'string' }, doc: { type: 'object' } }), encoding });
    expect(argumentsOf(compiled)['doc']).toEqual({ type: 'string', description: 'The XML document, as text (application/xml).' });
    const text = await parts(compiled, { image: { data: base64('J'), mime_type: 'image/jpeg' }, note: '# x', meta: 'm', doc: '<a/>' });
    expect(text).toContain('name="image"; filename="image"\r\nContent-Type: image/jpeg\r\nX-Fixed: yes\r\nX-Default: 7\r\n\r\nJ\r\n');
    expect(text).toContain('name="note"\r\nContent-Type: text/markdown; charset=utf-8\r\n\r\n# x\r\n');
    expect(text).toContain('name="meta"\r\nContent-Type: application/vnd.x+json\r\n\r\n"m"\r\n');
    expect(text).toContain('name="doc"\r\nContent-Type: application/xml\r\n\r\n<a/>\r\n');
    expect(await parts(compiled, { image: base64('P') })).toContain('Content-Type: image/png\r\n');
    expect(() => bindRequest(compiled, { image: { data: '', mime_type: 'text/html' } }, { baseUrl: 'http://h' })).toThrow(/"image" needs a mime_type that is one of: image\/png, image\/jpeg/);
  });

  it('3.1: contentEncoding, contentMediaType and a schema without type are files; base64 stays base64 on the wire', async () => {
    const members = { a: { type: 'string', contentEncoding: 'base64', contentMediaType: 'image/png' }, b: { type: 'string', contentMediaType: 'application/octet-stream' }, c: {}, d: { type: 'string', contentEncoding: 'base64url' } };
    const compiled = withBody('multipart/form-data', properties(members));
    for (const name of ['a', 'b', 'c', 'd']) expect(argumentsOf(compiled)[name]).toMatchObject({ type: 'object', required: ['data'], additionalProperties: false });
    const text = await parts(compiled, { a: '-_8', b: 'data:image/png;base64,+/8=', c: 'data:,a%20b', d: '+/8=' });
    const contents = text.split('--B').slice(1, 5).map((part) => part.slice(part.indexOf('\r\n\r\n') + 4, -2));
    expect(contents).toEqual(['+/8=', Buffer.from([0xfb, 0xff]).toString(), 'a b', '-_8']);
  });

  it('style and explode in form-data are names and values without percent-encoding (OAS 3.2)', async () => {
    const compiled = withBody('multipart/form-data', { ...properties({ a: { type: 'object' }, b: { type: 'array' } }), encoding: { a: { style: 'deepObject' }, b: { explode: false } } });
    expect(await parts(compiled, { a: { 'x y': 1 }, b: ['1,', 2] })).toBe('--B\r\nContent-Disposition: form-data; name="a[x y]"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; name="b"\r\n\r\n1,,2\r\n--B--\r\n');
  });

  it('multipart/mixed by position (3.2), and a boundary of the document is replaced', async () => {
    const media = { schema: { type: 'array', prefixItems: [{ type: 'object' }, {}] }, prefixEncoding: [{}, { contentType: 'image/*' }] };
    const compiled = withBody('multipart/mixed; boundary="example"', media, { openapi: '3.2.0' });
    const { type } = await wire(compiled, { body: [{ a: 1 }, { data: base64('P'), mime_type: 'image/png' }] });
    expect(type).toMatch(/^multipart\/mixed; boundary=-+gatehouse-[0-9a-f]{36}$/);
    expect(await parts(compiled, { body: [{ a: 1 }, { data: base64('P'), mime_type: 'image/png', filename: 'p.png' }] })).toBe(
      '--B\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n--B\r\nContent-Disposition: attachment; filename="p.png"\r\nContent-Type: image/png\r\n\r\nP\r\n--B--\r\n',
    );
    expect(() => bindRequest(compiled, { body: [{}, base64('P')] }, { baseUrl: 'http://h' })).toThrow(/needs a mime_type/);
  });

  it('parts that the schema does not name are files when it says so', async () => {
    const schema = { type: 'object', properties: { metadata: { type: 'object' } }, additionalProperties: { type: 'string', format: 'binary' } };
    const compiled = withBody('multipart/form-data', { schema });
    expect(compiled.tool.inputSchema['additionalProperties']).toMatchObject({ type: 'object', required: ['data'] });
    expect(await parts(compiled, { metadata: {}, 'index.js': { data: base64('x'), mime_type: 'text/javascript' } })).toContain('name="index.js"; filename="index.js"\r\nContent-Type: text/javascript\r\n\r\nx\r\n');
  });

  it('two requests have two boundaries', async () => {
    const compiled = withBody('multipart/form-data', properties({ a: { type: 'string' } }));
    expect((await wire(compiled, { a: '' })).type).not.toBe((await wire(compiled, { a: '' })).type);
  });
});

describe('W14: binary bodies', () => {
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

  it.each(['application/octet-stream', 'image/png', 'audio/mpeg', 'application/pdf', 'application/zip', 'application/vnd.unknown'])('%s from base64 is raw bytes', async (mediaType) => {
    const compiled = withBody(mediaType, {});
    expect(argumentsOf(compiled)['body']).toMatchObject({ type: 'object', required: ['data'] });
    for (const data of [everyByte.toString('base64'), everyByte.toString('base64url'), `${everyByte.toString('base64').replace(/.{20}/g, '$&\r\n ')}\n`]) {
      const { type, body } = await wire(compiled, { body: { data } });
      expect(type).toBe(mediaType);
      expect(body.equals(everyByte)).toBe(true);
    }
  });

  it('a file chooses among the declared types, and names one for a range', async () => {
    const images = compile({ requestBody: { content: { 'image/png': {}, 'image/jpeg': {} } } });
    expect((await wire(images, { body: { data: 'AAAA', mime_type: 'image/jpeg' } })).type).toBe('image/jpeg');
    expect((await wire(images, { body: 'AAAA' })).type).toBe('image/png');
    const range = withBody('image/*', {});
    expect((await wire(range, { body: 'data:image/webp;base64,AAAA' })).type).toBe('image/webp');
    expect(() => bindRequest(range, { body: 'AAAA' }, { baseUrl: 'http://h' })).toThrow(/one of: image\/\*/);
    expect((await wire(withBody('application/octet-stream', {}), { body: { data: 'AAAA', mime_type: 'image/png' } })).type).toBe('application/octet-stream');
  });

  it.each(['no base64!', 'AAAAA', 'a=b', 'data:text/plain;base64,%%', 5, null, { filename: 'x' }])('refuses %j by name', (data) => {
    const compiled = withBody('application/octet-stream', {});
    expect(() => bindRequest(compiled, { body: data }, { baseUrl: 'http://h' })).toThrow(expect.objectContaining({ name: 'ArgumentError', argument: 'body' }));
  });

  it('bounds the files of a call together, 10 MiB by default', () => {
    const compiled = withBody('multipart/form-data', properties({ f: { type: 'array', items: { type: 'string', format: 'binary' } } }));
    const bind = (sizes: readonly number[], target: BindTarget = {}) => bindRequest(compiled, { f: sizes.map((size) => Buffer.alloc(size).toString('base64')) }, { ...target, baseUrl: 'http://h' });
    expect(() => bind([10 * 1024 * 1024])).not.toThrow();
    expect(() => bind([10 * 1024 * 1024, 1])).toThrow(/"f" is too large: the files of a call may have 10485760 bytes together/);
    expect(() => bind([5, 5], { maxFileBytes: 10 })).not.toThrow();
    expect(() => bind([5, 6], { maxFileBytes: 10 })).toThrow(ArgumentError);
  });

  it('refuses header injection through mime_type and control characters in a filename', () => {
    const compiled = withBody('multipart/form-data', properties({ f: { type: 'string', format: 'binary' } }));
    const bind = (file: Given) => bindRequest(compiled, { f: { data: '', ...file } }, { baseUrl: 'http://h' });
    expect(() => bind({ mime_type: 'image/png\r\nX-Evil: 1' })).toThrow(ArgumentError);
    expect(() => bind({ mime_type: 'nonsense' })).toThrow(ArgumentError);
    expect(() => bind({ filename: 'a\u0000b' })).toThrow(ArgumentError);
    expect(() => bind({ filename: 'a\ud800' })).toThrow(ArgumentError);
  });
});

describe('W15: other media types', () => {
  it.each<[string, Written, JsonValue, string]>([
    ['application/xml', { schema: { type: 'object', properties: { a: {} } } }, '<a>é</a>', '<a>é</a>'],
    ['text/xml; charset=utf-8', {}, '<a/>', '<a/>'],
    ['application/soap+xml', {}, '<a/>', '<a/>'],
    ['text/plain', { schema: { type: 'string' } }, 'é"\n', 'é"\n'],
    ['text/plain', { schema: { type: 'integer' } }, 5, '5'],
    ['text/csv', {}, 'a,b\r\n1,2\r\n', 'a,b\r\n1,2\r\n'],
    ['application/yaml', {}, 'a: 1\n', 'a: 1\n'],
    ['application/merge-patch+json', { schema: {} }, { a: null }, '{"a":null}'],
    ['application/json-patch+json', { schema: { type: 'array', items: { type: 'object' } } }, [{ op: 'remove', path: '/a' }], '[{"op":"remove","path":"/a"}]'],
    ['application/json; charset=utf-8', { schema: {} }, 'é', '"é"'],
    ['application/vnd.api+json', { schema: {} }, [], '[]'],
    ['application/vnd.acme.v1', { schema: { type: 'array' } }, [1], '[1]'],
    ['application/x-ndjson', { schema: { type: 'array', items: {} } }, [{ a: 1 }, 'b', null], '{"a":1}\n"b"\nnull\n'],
    ['application/json-seq', {}, [1, 2], '\u001e1\n\u001e2\n'],
    ['application/jsonl', { schema: { type: 'string' } }, '{}\n{}\n', '{}\n{}\n'],
  ])('%s of %j: %j', async (mediaType, media, value, expected) => {
    expect(await wire(withBody(mediaType, media), { body: value })).toMatchObject({ type: mediaType, text: expected });
  });

  it.each<[string, Written, JsonValue, string, string]>([
    ['*/*', {}, { a: 1 }, 'application/json', '{"a":1}'],
    ['*/*', { schema: { type: 'string' } }, 'x', 'text/plain', 'x'],
    ['*/*', { schema: { type: 'string', format: 'binary' } }, base64('x'), 'application/octet-stream', 'x'],
    ['text/*', {}, 'x', 'text/plain', 'x'],
    ['application/json, text/json', { schema: {} }, 1, 'application/json', '1'],
    ['json', { schema: {} }, 1, 'application/json', '1'],
    ['application/*+json', { schema: {} }, 1, 'application/json', '1'],
    ['*', { schema: {} }, 1, 'application/json', '1'],
  ])('the range or list %s of %j goes as %s', async (mediaType, media, value, type, text) => {
    expect(await wire(withBody(mediaType, media), { body: value })).toMatchObject({ type, text });
  });

  it('a text is sent in the charset of its media type, or refused', async () => {
    const compiled = withBody('text/plain; charset=ISO-8859-1', {});
    expect((await wire(compiled, { body: 'é' })).body).toEqual(Buffer.from([0xe9]));
    expect(() => bindRequest(compiled, { body: '€' }, { baseUrl: 'http://h' })).toThrow(/iso-8859-1/);
  });

  it.each([
    [['text/plain', 'multipart/form-data', 'application/x-www-form-urlencoded'], 'application/x-www-form-urlencoded'],
    [['application/octet-stream', 'text/csv', 'multipart/form-data'], 'multipart/form-data'],
    [['image/png', 'application/octet-stream', 'application/xml'], 'application/xml'],
    [['image/png', 'application/octet-stream'], 'application/octet-stream'],
    [['image/png', 'image/gif'], 'image/png'],
  ])('of %j it takes %s', (types, expected) => {
    expect(compile({ requestBody: { content: Object.fromEntries(types.map((type) => [type, {}])) } }).bodyMediaType).toBe(expected);
  });

  it('an operation whose required body no Content-Type can name is skipped with the reason', () => {
    const document = loadDocument(JSON.stringify({ openapi: '3.1.0', info: { title: 't', version: '1' }, paths: { '/a': { post: { requestBody: { required: true, content: { 'größe': {} } } } } } }));
    expect(indexOperations(document).report).toEqual([expect.objectContaining({ status: 'skipped', reason: expect.stringContaining('no media type that a Content-Type header could name') })]);
  });
});

describe('W16: digits of arguments', () => {
  it('an integer beyond 2^53 is sent as written, in a body, a form and a part', async () => {
    const big = 12345678901234567890n;
    expect((await wire(withBody('application/json', properties({ id: { type: 'integer' }, n: {} })), { id: big, n: [{ x: -big }] })).text).toBe('{"id":12345678901234567890,"n":[{"x":-12345678901234567890}]}');
    expect((await wire(withBody('application/x-www-form-urlencoded', properties({ id: {} })), { id: big })).text).toBe('id=12345678901234567890');
    expect(await parts(withBody('multipart/form-data', properties({ id: { type: 'integer' } })), { id: big })).toContain('\r\n\r\n12345678901234567890\r\n');
  });
});

describe('L09: Swagger 2.0 on the wire', () => {
  const swagger = (consumes: string, parameters: readonly Written[]): CompiledOperation =>
    compileDocument({ swagger: '2.0', info: { title: 't', version: '1' }, paths: { '/a': { post: { consumes: [consumes], parameters } } } });

  it('formData with a file is multipart, without one a form with its collectionFormat', async () => {
    const note = { name: 'note', in: 'formData', type: 'string' };
    const compiled = swagger('multipart/form-data', [note, { name: 'up', in: 'formData', type: 'file' }]);
    expect(await parts(compiled, { note: 'n', up: { data: base64('x'), filename: 'x.txt' } })).toBe(
      '--B\r\nContent-Disposition: form-data; name="note"\r\n\r\nn\r\n--B\r\nContent-Disposition: form-data; name="up"; filename="x.txt"\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--B--\r\n',
    );
    const array = { in: 'formData', type: 'array', items: { type: 'string' } };
    const form = swagger('application/x-www-form-urlencoded', [note, { ...array, name: 'csv' }, { ...array, name: 'multi', collectionFormat: 'multi' }, { ...array, name: 'pipes', collectionFormat: 'pipes' }]);
    expect((await wire(form, { note: 'a b', csv: ['1', '2'], multi: ['1', '2'], pipes: ['1', '2'] })).text).toBe('note=a+b&csv=1,2&multi=1&multi=2&pipes=1%7C2');
  });

  it('a body parameter that consumes XML is text', async () => {
    expect(await wire(swagger('application/xml', [{ name: 'thing', in: 'body', schema: { type: 'object' } }]), { body: '<a/>' })).toMatchObject({ type: 'application/xml', text: '<a/>' });
  });
});

describe('from a call to the wire', () => {
  const compiled = withBody('multipart/form-data', properties({ file: { type: 'string', format: 'binary' }, files: { type: 'array', items: { type: 'string', format: 'binary' } }, id: { type: 'integer' } }));

  it('W13, W16: plain base64 and digits beyond 2^53 pass validation and arrive', async () => {
    const result = compiled.validate({ file: base64('one'), files: [base64('two'), { data: base64('three') }], id: 12345678901234567890n });
    expect(result).toEqual({ ok: true, args: { file: { data: base64('one') }, files: [{ data: base64('two') }, { data: base64('three') }], id: 12345678901234567890n } });
    const text = await parts(compiled, result.ok ? { ...result.args } : {});
    expect(text.match(/\r\n\r\n[^\r]+/g)?.map((content) => content.trim())).toEqual(['one', 'two', 'three', '12345678901234567890']);
  });

  it('a file with an unknown member or without data is refused before', () => {
    for (const file of [{ filename: 'x' }, { data: '', path: '/etc/passwd' }, 5]) expect(compiled.validate({ file }).ok).toBe(false);
  });
});

describe('hidden arguments (curation)', () => {
  const curate = (names: Written) => ({ 'x-mcp': { arguments: names } });
  const operation = {
    parameters: [{ name: 'tenant', in: 'header', required: true, schema: { type: 'string' } }, { name: 'q', in: 'query', schema: { type: 'string', description: 'old' } }],
    requestBody: { content: { 'application/json': { schema: { type: 'object', required: ['kind'], properties: { kind: { type: 'string' }, note: { type: 'string' } }, additionalProperties: true } } } },
  };

  it('leave the tool, and their fixed value is bound whatever a call says', async () => {
    const compiled = compile({ ...operation, ...curate({ tenant: { hidden: true, value: 'acme' }, kind: { hidden: true, value: 'order' }, q: { description: 'What to look for.' }, gone: { description: 'x' } }) });
    expect(argumentsOf(compiled)).toEqual({ q: { type: 'string', description: 'What to look for.' }, note: { type: 'string' } });
    expect(compiled.tool.inputSchema['required']).toBeUndefined();
    expect(compiled.repairs.map(({ code }) => code)).toContain('unknown-override');
    const { body, headerLines } = await send(compiled, { note: 'n', kind: 'evil', tenant: 'evil', extra: 1 });
    expect(body.toString()).toBe('{"note":"n","extra":1,"kind":"order"}');
    expect(headerLines).toContain('tenant: acme');
  });

  it('in a path, a query, a cookie and as a whole body too; a value that may not be sent is still refused', () => {
    const parameters = ['path', 'query', 'cookie'].map((location) => ({ name: location, in: location, required: true, schema: {} }));
    const fixed = (path: JsonValue) => ({ path: { hidden: true, value: path }, query: { hidden: true, value: ['a', 'b'] }, cookie: { hidden: true, value: 0 }, body: { hidden: true, value: [1] } });
    const compileAt = (value: JsonValue) => {
      const curated = { parameters, requestBody: { content: { 'application/json': { schema: { type: 'array' } } } }, ...curate(fixed(value)) };
      return compileDocument({ openapi: '3.1.0', info: { title: 't', version: '1' }, paths: { '/a/{path}': { put: curated } } });
    };
    const compiled = compileAt('x y');
    expect(argumentsOf(compiled)).toEqual({});
    const { url, headers, body } = bindRequest(compiled, {}, { baseUrl: 'http://h' });
    expect([url.href, headers, body]).toEqual(['http://h/a/x%20y?query=a&query=b', [['accept', 'application/json, */*;q=0.1'], ['cookie', 'cookie=0'], ['content-type', 'application/json']], '[1]']);
    expect(() => bindRequest(compileAt('..'), {}, { baseUrl: 'http://h' })).toThrow(ArgumentError);
    const nothing = compile({ requestBody: { content: { 'application/json': { schema: {} } } }, ...curate({ body: { hidden: true, value: null } }) });
    expect(bindRequest(nothing, {}, { baseUrl: 'http://h' }).body).toBe('null');
  });
});
