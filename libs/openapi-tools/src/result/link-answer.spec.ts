import { describe, expect, it } from '@jest/globals';
import { shapeResult, type ShapeOptions } from './shape-result.js';

const link = () => ({ uri: 'answers:1', name: 'list' });
const answer = (type: string, body: string | Uint8Array, more = {}) => ({ status: 200, headers: { 'content-type': type }, body: typeof body === 'string' ? Buffer.from(body) : body, ...more });
const linkOf = (response: ReturnType<typeof answer>, options: ShapeOptions) => shapeResult(response, options).content.find(({ type }) => type === 'resource_link');
const items = JSON.stringify(Array.from({ length: 500 }, (_, id) => ({ id, name: 'Größe' })));

describe('an answer that is not whole in its result', () => {
  it('is linked to beside what is left of a JSON text, with its size in bytes', () => {
    const { content, structuredJson, isError } = shapeResult(answer('application/json; charset=utf-8', items), { maxText: 1_000, paging: ['page'], link });
    expect(content.map(({ type }) => type)).toEqual(['text', 'text', 'resource_link']);
    expect(content[1]).toEqual({ type: 'text', text: expect.stringMatching(/^\[Shortened to fit: \d+ of 500 items of \$\. To see the rest, call again with "page"\. The whole answer can be read at the linked resource\.\]$/) });
    expect(content[2]).toEqual({ type: 'resource_link', uri: 'answers:1', name: 'list', mimeType: 'application/json', size: Buffer.byteLength(items), description: expect.stringContaining('whole answer') });
    expect([structuredJson?.length, isError]).toEqual([expect.any(Number), false]);
  });

  it.each([
    ['text/csv', 'text/csv'],
    ['text/plain', 'text/plain'],
    ['application/octet-stream', 'text/plain'],
    ['application/json', 'text/plain'],
  ])('is linked to beside what is left of a text: %s as %s', (type, mimeType) => {
    expect(linkOf(answer(type, 'a,ß\n'.repeat(1_000)), { maxText: 500, link })).toMatchObject({ mimeType, size: 5_000 });
  });

  it.each([
    ['image/png', 'image/png'],
    ['audio/ogg', 'audio/ogg'],
    ['', 'application/octet-stream'],
  ])('stands in place of bytes whose base64 is larger than 1 MiB: %s', (type, mimeType) => {
    const body = Buffer.alloc(786_433, 0xff);
    expect(shapeResult(answer(type, body), { link })).toEqual({
      content: [
        { type: 'text', text: `Binary response: ${mimeType}, 786433 bytes; left out of this result, and to be read at the linked resource.` },
        { type: 'resource_link', uri: 'answers:1', name: 'list', mimeType, size: 786_433, description: expect.any(String) },
      ],
      isError: false,
    });
    expect(linkOf(answer(type, body.subarray(1)), { link })).toBeUndefined();
  });

  it('is linked to although more bytes than are ever passed on', () => {
    expect(linkOf(answer('application/pdf', Buffer.alloc(6 * 1024 * 1024, 1)), { link })).toMatchObject({ size: 6 * 1024 * 1024 });
  });

  it.each<[string, ReturnType<typeof answer>, ShapeOptions]>([
    ['JSON', answer('application/json', items), { maxText: 1_000 }],
    ['text', answer('text/csv', 'a,b\n'.repeat(1_000)), { maxText: 1_000 }],
    ['bytes', answer('image/png', Buffer.alloc(1_000_000)), {}],
  ])('is what it is without links where its address would be none: %s', (_, response, options) => {
    expect(shapeResult(response, { ...options, link: () => undefined })).toEqual(shapeResult(response, options));
  });
});

describe('no link', () => {
  const asked = () => {
    throw new Error('nobody asks');
  };

  it.each<[string, ReturnType<typeof answer>]>([
    ['a whole JSON answer', answer('application/json', '{"a":1}')],
    ['a whole text', answer('text/plain', 'hello')],
    ['small bytes', answer('image/png', Buffer.alloc(1_000))],
    ['nothing', answer('application/json', '')],
    ['an error', answer('application/json', items, { status: 400 })],
    ['an error of bytes', answer('image/png', Buffer.alloc(1_000_000), { status: 500 })],
    ['a stream that was ended', answer('text/event-stream', 'data: 1\n\n'.repeat(1_000), { isPartial: true })],
  ])('leads to %s, nor is its address made', (_, response) => {
    expect(shapeResult(response, { maxText: 1_000, link: asked }).content.map(({ type }) => type)).not.toContain('resource_link');
  });
});
