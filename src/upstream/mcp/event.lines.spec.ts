import { describe, expect, it } from '@jest/globals';
import { EventLines } from './event.lines.js';

function read(pieces: readonly string[]): readonly string[] {
  const events: string[] = [];
  const lines = new EventLines((data) => events.push(data));
  for (const piece of pieces) lines.push(piece);
  return events;
}

describe('events of a stream', () => {
  const text = ': hello\n\nevent: message\nid: 1\ndata: {"a":\ndata: 1}\n\ndata:two\r\n\r\nevent: other\ndata: no\n\ndata: three\n\ndata: unfinished';

  it('are read whole, with LF or CRLF, and without comments and other types', () => {
    expect(read([text])).toEqual(['{"a":\n1}', 'two', 'three']);
  });

  it('are the same in whatever pieces they come', () => {
    expect(read([...text])).toEqual(read([text]));
    expect(read(text.match(/.{1,3}/gs) ?? [])).toEqual(read([text]));
  });

  it('of one long line in many pieces take no time that grows with its square', () => {
    const startedAt = performance.now();
    expect(read(['data: ', ...Array.from({ length: 20_000 }, () => 'x'.repeat(500)), '\n\n'])[0]).toHaveLength(10_000_000);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
