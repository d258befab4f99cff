import { describe, expect, it } from '@jest/globals';
import { shapeResult } from './shape-result.js';

function shape(status: number, contentType: string | undefined, body: string | Uint8Array) {
  return shapeResult({ status, headers: contentType === undefined ? {} : { 'content-type': contentType }, body: typeof body === 'string' ? Buffer.from(body) : body });
}
const textOf = (result: ReturnType<typeof shape>): string => {
  const [block] = result.content;
  return block?.type === 'text' ? block.text : '';
};

describe('R01: errors are errors', () => {
  it.each([400, 401, 404, 409, 422, 500, 503, 599])('%i with its body and status', (status) => {
    const result = shape(status, 'application/json', '{"message":"no"}');
    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(new RegExp(`^HTTP ${status}.*\n\\{"message":"no"\\}$`));
    expect(result.structuredJson).toBeUndefined();
  });

  it('problem details come first', () => {
    const body = '{"type":"https://e.example/stock","title":"Out of stock","detail":"Only 2 left","instance":"/orders/7","left":2}';
    expect(textOf(shape(422, 'application/problem+json', body))).toBe(`HTTP 422 Unprocessable Entity: Out of stock — Only 2 left (https://e.example/stock, /orders/7)\n${body}`);
  });

  it('HTML, an empty body and bytes', () => {
    expect(textOf(shape(502, 'text/html', '<h1>Bad</h1>'))).toBe('HTTP 502 Bad Gateway\n<h1>Bad</h1>');
    expect(shape(500, undefined, '')).toEqual({ content: [{ type: 'text', text: '500 Internal Server Error' }], isError: true });
    expect(shape(500, 'image/png', Buffer.from([1, 2]))).toMatchObject({ isError: true, content: [{ type: 'text' }] });
  });
});

describe('R02: empty answers', () => {
  it.each([[204, '204 No Content'], [200, '200 OK'], [202, '202 Accepted'], [299, '299']])('%i is a success without structured content', (status, text) => {
    expect(shape(status, 'application/json', '')).toEqual({ content: [{ type: 'text', text }], isError: false });
  });
});

describe('R03: JSON', () => {
  it('an object is delivered as it came, digits and spacing included', () => {
    const body = ' {"id": 12345678901234567890, "price": 1.10}\n';
    expect(shape(200, 'application/json', body)).toEqual({ content: [{ type: 'text', text: body }], structuredJson: body, isError: false });
  });

  it.each(['[1,9007199254740993]', '"x"', '7', 'null', 'true'])('%s is wrapped by splicing', (body) => {
    expect(shape(200, 'application/json', body)).toEqual({ content: [{ type: 'text', text: body }], structuredJson: `{"result":${body}}`, isError: false });
  });

  it.each(['application/json; charset=utf-8', 'application/vnd.api+json', 'APPLICATION/JSON', 'application/problem+json', undefined])('%s is JSON', (type) => {
    expect(shape(200, type, '{"a":1}').structuredJson).toBe('{"a":1}');
  });

  it.each(['{"a":', '', '<html>', 'NaN', '{"a":1}}', '\u0000'])('invalid JSON %j is delivered as text', (body) => {
    const result = shape(200, 'application/json', body);
    expect(result.structuredJson).toBeUndefined();
    expect(result.isError).toBe(false);
  });

  it('survives 100,000 levels of nesting', () => {
    const body = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const result = shapeResult({ status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) }, { maxText: 300_000 });
    expect(textOf(result) === body).toBe(true);
  });

  it.each([['text/plain', '{"a":1}'], ['text/plain; charset=utf-8', ' [1]']])('R06: JSON sent as %s is JSON', (type, body) => {
    expect(shape(200, type, body).structuredJson).toBeDefined();
    expect(textOf(shape(200, type, body))).toBe(body);
  });

  it('text that only begins like JSON is text', () => {
    expect(shape(200, 'text/plain', '[info] started')).toEqual({ content: [{ type: 'text', text: '[info] started' }], isError: false });
  });
});

describe('R06: charsets', () => {
  it.each<[string, Uint8Array]>([
    ['text/plain; charset=iso-8859-1', Buffer.from('Größe', 'latin1')],
    ['text/plain; charset="ISO-8859-1"', Buffer.from('Größe', 'latin1')],
    ['text/plain', Buffer.from('Größe')],
    ['text/plain; charset=nonsense', Buffer.from('Größe')],
    ['text/plain', Buffer.from('\uFEFFGröße')],
    ['text/plain', Buffer.from('\uFEFFGröße', 'utf16le')],
    ['text/plain; charset=utf-16le', Buffer.from('Größe', 'utf16le')],
    ['application/xml', Buffer.from('Größe')],
  ])('%s', (type, body) => {
    expect(textOf(shape(200, type, body))).toBe('Größe');
  });

  it('a byte order mark before JSON does not spoil it', () => {
    expect(shape(200, 'application/json', '\uFEFF{"a":1}').structuredJson).toBe('{"a":1}');
    expect(shape(200, 'application/json; charset=utf-16', Buffer.from('\uFEFF{"a":"ß"}', 'utf16le')).structuredJson).toBe('{"a":"ß"}');
    expect(shape(200, 'application/json; charset=iso-8859-1', Buffer.from('{"a":"ß"}', 'latin1')).structuredJson).toBe('{"a":"ß"}');
  });
});

describe('R05: bytes', () => {
  it('an image is an image block', () => {
    expect(shape(200, 'image/png', Buffer.from([1, 2, 3]))).toEqual({ content: [{ type: 'image', data: 'AQID', mimeType: 'image/png' }], isError: false });
  });

  it('audio is an audio block', () => {
    expect(shape(200, 'audio/mpeg', Buffer.from([1, 2, 3]))).toEqual({ content: [{ type: 'audio', data: 'AQID', mimeType: 'audio/mpeg' }], isError: false });
  });

  it.each([['application/pdf', 'application/pdf'], [undefined, 'application/octet-stream'], ['image/tiff', 'image/tiff']])('%s is a blob', (type, mimeType) => {
    expect(shape(200, type, Buffer.from([0, 255, 1]))).toEqual({
      content: [{ type: 'resource', resource: { uri: expect.stringMatching(/^ni:\/\/\/sha-256;[\w-]{43}$/), mimeType, blob: 'AP8B' } }],
      isError: false,
    });
  });

  it('R06: a PNG under a vague or wrong media type is an image', () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    for (const type of ['application/octet-stream', 'text/plain', 'application/json', undefined]) {
      expect(shape(200, type, png)).toMatchObject({ content: [{ type: 'image', mimeType: 'image/png' }], isError: false });
    }
  });

  it('more bytes than are passed on are described by type and size', () => {
    const response = { status: 200, headers: { 'content-type': 'application/pdf' }, body: Buffer.alloc(1_234) };
    expect(shapeResult(response, { maxBinary: 1_000 })).toEqual({
      content: [{ type: 'text', text: 'Binary response: application/pdf, 1234 bytes; at most 1000 bytes are passed on.' }],
      isError: false,
    });
  });

  it('never throws for garbage', () => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, at) => (at * 97) % 256));
    for (const type of ['application/json', 'text/html; charset=', 'text/plain; charset=utf-7', ';;;', 'image/', '\u0000', 'application/json; charset="', undefined]) {
      for (const status of [200, 304, 404, 999, 0]) expect(() => shape(status, type, bytes)).not.toThrow();
    }
    expect(shapeResult({ status: 200, headers: { 'content-type': ['application/json', 'x'] }, body: Buffer.from('{}') }).structuredJson).toBe('{}');
  });
});

describe('R07: what is too large for a model', () => {
  const items = JSON.stringify({ data: Array.from({ length: 3_000 }, (_, id) => ({ id })), next_cursor: 'c2' });
  const answer = (type: string, body: string, more = {}) => ({ status: 200, headers: { 'content-type': type }, body: Buffer.from(body), ...more });

  it('JSON is shortened between items, in text and structure alike, and the hint says how to go on', () => {
    const result = shapeResult(answer('application/json', items), { maxText: 1_000, paging: ['cursor'] });
    const [json, hint] = result.content.map((block) => (block.type === 'text' ? block.text : ''));
    expect(json?.length).toBeLessThanOrEqual(1_000);
    expect(result.structuredJson).toBe(json);
    expect(JSON.parse(json ?? '')).toMatchObject({ next_cursor: 'c2' });
    expect(hint).toMatch(/^\[Shortened to fit: \d+ of 3000 items of \$\["data"\]\. Next: next_cursor = "c2"\. To see the rest, call again with "cursor"\.\]$/);
    expect(result.isError).toBe(false);
  });

  it('the link of the header comes before members of the body', () => {
    const response = { ...answer('application/json', items), headers: { 'content-type': 'application/json', link: '</x?page=1>; rel="prev", </x?page=3>; rel="next"' } };
    expect(JSON.stringify(shapeResult(response, { maxText: 500 }).content)).toContain('Next: /x?page=3.');
  });

  it('10 MB stay within the limit', () => {
    const body = JSON.stringify(Array.from({ length: 100_000 }, (_, id) => ({ id, text: 'x'.repeat(80) })));
    const result = shapeResult(answer('application/json', body));
    expect(JSON.stringify(result.content).length).toBeLessThan(200_000);
    expect(() => JSON.parse(result.structuredJson ?? '')).not.toThrow();
  });

  it.each([['text/csv', 'a,b\n'], ['application/x-ndjson', '{"a":1}\n'], ['text/html', '<p>x</p>\n']])('%s ends with a whole line', (type, line) => {
    const result = shapeResult(answer(type, line.repeat(50_000)), { maxText: 1_000 });
    expect(result.content).toHaveLength(2);
    expect(textOf(result)).toBe(line.repeat(Math.floor(1_000 / line.length)));
  });

  it('an event stream that was ended early keeps its whole events', () => {
    const result = shapeResult(answer('text/event-stream', 'data: 1\n\ndata: 2\n\ndata: 3', { isPartial: true }));
    expect(textOf(result)).toBe('data: 1\n\ndata: 2\n\n');
    expect(JSON.stringify(result.content[1])).toContain('the stream was ended after this part');
  });

  it('an error page is shortened, too', () => {
    expect(textOf(shape(500, 'text/html', 'x'.repeat(100_000))).length).toBeLessThan(25_000);
  });

  it('an error keeps to the text budget, its problem details too', () => {
    const body = JSON.stringify({ title: 't'.repeat(50_000), detail: 'd'.repeat(50_000) });
    const result = shapeResult({ status: 400, headers: { 'content-type': 'application/problem+json' }, body: Buffer.from(body) }, { maxText: 100 });
    expect(textOf(result).length).toBeLessThan(2_500);
  });
});

describe('R04: an answer that does not fit the output schema', () => {
  it('is delivered as text, with structured content that every relaxed schema accepts', () => {
    const result = shapeResult({ status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('{"a":null}') }, { accepts: () => false });
    expect(result.structuredJson).toBe('{}');
    expect(result.content[0]).toEqual({ type: 'text', text: '{"a":null}' });
    expect(result.isError).toBe(false);
  });

  it.each<[string, number, string, string, string | undefined]>([
    ['an empty success', 204, '', '', '{}'],
    ['text', 200, 'text/plain', 'hello', '{}'],
    ['bytes', 200, 'image/png', '\u0001', '{}'],
    ['an error', 404, 'application/json', '{"a":1}', undefined],
  ])('%s of a tool with an output schema', (_, status, type, body, structuredJson) => {
    expect(shapeResult({ status, headers: { 'content-type': type }, body: Buffer.from(body) }, { accepts: () => true }).structuredJson).toBe(structuredJson);
  });
});
