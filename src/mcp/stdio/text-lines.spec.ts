import { describe, expect, it } from '@jest/globals';
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
