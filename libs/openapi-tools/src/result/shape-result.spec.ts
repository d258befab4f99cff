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
    expect(textOf(shape(200, 'application/json', body))).toBe(body);
  });

  it('JSON sent as text/plain is text', () => {
    expect(shape(200, 'text/plain', '{"a":1}')).toEqual({ content: [{ type: 'text', text: '{"a":1}' }], isError: false });
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

describe('bytes', () => {
  it('an image is an image block', () => {
    expect(shape(200, 'image/png', Buffer.from([1, 2, 3]))).toEqual({ content: [{ type: 'image', data: 'AQID', mimeType: 'image/png' }], isError: false });
  });

  it('other bytes are described by type and size', () => {
    expect(textOf(shape(200, 'application/pdf', Buffer.alloc(1_234)))).toBe('Binary response: application/pdf, 1234 bytes.');
    expect(textOf(shape(200, undefined, Buffer.from([0, 255, 1])))).toBe('Binary response: unknown media type, 3 bytes.');
  });

  it('never throws for garbage', () => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, at) => (at * 97) % 256));
    for (const type of ['application/json', 'text/html; charset=', 'text/plain; charset=utf-7', ';;;', 'image/', '\u0000', 'application/json; charset="', undefined]) {
      for (const status of [200, 304, 404, 999, 0]) expect(() => shape(status, type, bytes)).not.toThrow();
    }
    expect(shapeResult({ status: 200, headers: { 'content-type': ['application/json', 'x'] }, body: Buffer.from('{}') }).structuredJson).toBe('{}');
  });
});
