import { describe, expect, it } from '@jest/globals';
import { readEvents } from './event-stream.js';
import { readLines } from './text-lines.js';

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

describe('the reader of lines', () => {
  it('ends them at line feeds alone, wherever the chunks end', async () => {
    expect(await all(readLines(chunks('{"a":"\u2028', '\u2029"}\r', '\nsecond', '\n\nlast'), 100))).toEqual(['{"a":"\u2028\u2029"}', 'second', '', 'last']);
  });

  it('joins a character that two chunks share', async () => {
    const bytes = Buffer.from('ü\n');
    expect(await all(readLines([bytes.subarray(0, 1), bytes.subarray(1)] as never, 100))).toEqual(['ü']);
  });

  it('holds no more of a line than was asked', async () => {
    expect(await all(readLines(chunks('x'.repeat(50), 'x'.repeat(50), '\nshort\n'), 10))).toEqual(['x'.repeat(11), 'short']);
  });
});

describe('the reader of events', () => {
  it('gives messages with what the stream said about coming back', async () => {
    const events = await all(readEvents(chunks(': hello\n\nretry: 250\nid: 7\ndata: {"a":\ndata: 1}\n\nevent: message\r\ndata:2\r\n\r\n'), 1_000));
    expect(events).toEqual([
      { data: '{"a":\n1}', id: '7', retry: 250 },
      { data: '2', id: '7', retry: 250 },
    ]);
  });

  it('leaves out other events, and one that was cut off', async () => {
    expect(await all(readEvents(chunks('event: ping\ndata: 1\n\ndata: 2\n\ndata: cut'), 1_000))).toMatchObject([{ data: '2' }]);
  });

  it('ends at an event that is too long', async () => {
    await expect(all(readEvents(chunks(`data: ${'x'.repeat(100)}\n\n`), 50))).rejects.toThrow('more than 50 characters');
  });
});
