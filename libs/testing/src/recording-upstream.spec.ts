import { request as sendRaw } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { RecordingUpstream } from './recording-upstream.js';

let upstream: RecordingUpstream | undefined;
afterEach(async () => {
  await upstream?.stop();
  upstream = undefined;
});

describe('RecordingUpstream', () => {
  it('records the request as sent: raw path and query, headers in order, body bytes', async () => {
    upstream = await RecordingUpstream.start();
    const { hostname, port } = new URL(upstream.url);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const options = { hostname, port, method: 'PUT', path: '/a/..%2Fb/%7Ex?q=%20&q=1?', headers: { 'X-One': '1', 'x-two': '2' } };
      const request = sendRaw(options, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      request.on('error', reject).end(Buffer.from([0, 255, 10]));
    });
    expect(status).toBe(200);
    const { method, path, query, rawHeaders, body } = upstream.last;
    expect({ method, path, query, body: [...body] }).toEqual({ method: 'PUT', path: '/a/..%2Fb/%7Ex', query: 'q=%20&q=1?', body: [0, 255, 10] });
    expect(rawHeaders.slice(0, 2)).toEqual([['X-One', '1'], ['x-two', '2']]);
  });

  it('answers {} as JSON by default, then what its function says', async () => {
    upstream = await RecordingUpstream.start();
    expect(await (await fetch(upstream.url)).json()).toEqual({});
    upstream.answerWith(({ path }) => ({ status: 404, headers: { 'content-type': 'text/plain' }, body: path }));
    const response = await fetch(`${upstream.url}/gone`);
    expect([response.status, await response.text()]).toEqual([404, '/gone']);
    expect(upstream.requests).toHaveLength(2);
  });

  it('says so when nothing was received or it is stopped', async () => {
    upstream = await RecordingUpstream.start();
    const stopped = upstream;
    expect(() => stopped.last).toThrow(/received no request/);
    await stopped.stop();
    expect(() => stopped.url).toThrow(/not listening/);
  });
});
