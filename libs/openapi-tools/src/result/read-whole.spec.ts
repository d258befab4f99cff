import { describe, expect, it } from '@jest/globals';
import { compileProjection } from './projection.js';
import { readWhole } from './read-whole.js';

const answer = (type: string | undefined, body: string | Uint8Array, more = {}) => ({ status: 200, headers: type === undefined ? {} : { 'content-type': type }, body: typeof body === 'string' ? Buffer.from(body) : body, ...more });

describe('the whole of an answer', () => {
  it.each([
    ['application/json; charset=utf-8', 'application/json'],
    ['application/vnd.api+json', 'application/vnd.api+json'],
    ['text/plain', 'application/json'],
    [undefined, 'application/json'],
  ])('is JSON as it came, however long: %s as %s', (type, mimeType) => {
    const text = ` {"id": 90071992547409931234, "price": 1.10, "name": "Größe 漢字", "more": "${'x'.repeat(500_000)}"}\n`;
    expect(readWhole(answer(type, text))).toEqual({ mimeType, text });
  });

  it.each([
    ['text/csv; charset=utf-8', 'text/csv'],
    ['application/xml', 'application/xml'],
    [undefined, 'text/plain'],
    ['application/octet-stream', 'text/plain'],
  ])('is text: %s as %s', (type, mimeType) => {
    const text = 'a,ß\n'.repeat(100_000);
    expect(readWhole(answer(type, text))).toEqual({ mimeType, text });
  });

  it.each(['image/png', 'audio/ogg', 'application/pdf'])('is bytes in base64, more than a result may have: %s', (type) => {
    const body = Buffer.alloc(6 * 1024 * 1024, 0xfe);
    expect(readWhole(answer(type, body))).toEqual({ mimeType: type, blob: body.toString('base64') });
  });

  it('is empty where the answer is', () => {
    expect(readWhole(answer(undefined, '', { status: 204 }))).toEqual({ mimeType: 'text/plain', text: '' });
  });

  it('is what a projection shows, and no more', () => {
    const projection = compileProjection('$.shown');
    expect(readWhole(answer('application/json', '{"shown":[9007199254740993],"hidden":1}'), { projection })).toEqual({ mimeType: 'application/json', text: '[9007199254740993]' });
    expect(readWhole(answer('application/json', '{"hidden":1}'), { projection })).toEqual({ error: expect.stringContaining('nothing at $.shown') });
    expect(readWhole(answer('image/png', Buffer.from('89504e47', 'hex')), { projection })).toEqual({ error: expect.stringContaining('no JSON') });
    expect(readWhole(answer(undefined, ''), { projection })).toEqual({ error: expect.any(String) });
  });

  it('is an error where the API has one, or has no end', () => {
    expect(readWhole(answer('application/json', '{"message":"no"}', { status: 404 }))).toEqual({ error: 'HTTP 404 Not Found\n{"message":"no"}' });
    expect(readWhole(answer('text/event-stream', 'data: 1\n\ndata', { isPartial: true }))).toEqual({ error: expect.stringContaining('without an end') });
  });
});
