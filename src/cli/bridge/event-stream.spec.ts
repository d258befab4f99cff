import { describe, expect, it } from '@jest/globals';
import { readEvents } from './event-stream.js';

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

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

  it('ends at an event of lines that are too long together', async () => {
    await expect(all(readEvents(chunks('data: 12345678\n'.repeat(10), '\n'), 50))).rejects.toThrow('more than 50 characters');
    expect(await all(readEvents(chunks('data: 12345678\n\n'.repeat(10)), 50))).toHaveLength(10);
    await expect(all(readEvents(chunks('data\n'.repeat(60), '\n'), 50))).rejects.toThrow('more than 50 characters');
  });

  it('ends at an event that is too long', async () => {
    await expect(all(readEvents(chunks(`data: ${'x'.repeat(100)}\n\n`), 50))).rejects.toThrow('more than 50 characters');
  });
});
