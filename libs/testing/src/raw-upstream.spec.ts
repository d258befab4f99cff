import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { RawUpstream } from './raw-upstream.js';

describe('RawUpstream', () => {
  it('keeps every byte of requests that come in pieces on one connection', async () => {
    await using upstream = await RawUpstream.start();
    const socket = connect(Number(new URL(upstream.url).port), '127.0.0.1');
    const answered = new Promise<void>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
        if (text.split('HTTP/1.1 204').length === 3) resolve();
      });
    });
    socket.write('POST /a?b=%20 HTTP/1.1\r\nX-A: \xe9\r\ncontent-length: 3\r\n\r\n\x00', 'latin1');
    socket.write(Buffer.from([0xff, 0x0a]));
    socket.write('GET /c HTTP/1.1\r\n\r\n');
    await answered;
    socket.destroy();
    expect(upstream.requests.map(({ requestLine, headerLines, body }) => [requestLine, headerLines, [...body]])).toEqual([
      ['POST /a?b=%20 HTTP/1.1', ['X-A: é', 'content-length: 3'], [0, 255, 10]],
      ['GET /c HTTP/1.1', [], []],
    ]);
  });

  it('says so when nothing was received', async () => {
    await using upstream = await RawUpstream.start();
    expect(() => upstream.last).toThrow(/received no request/);
  });
});
