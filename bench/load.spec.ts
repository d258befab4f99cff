import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgeLoad, runLoad } from './load.js';

describe('a run of the load', () => {
  it('is rate and latencies', () => {
    const output = 'Running 2s test\nRESULT 20000 2000000 1500 9000 0 0 \n';
    expect(judgeLoad(output)).toEqual({ requests: 20_000, requestsPerSecond: 10_000, p50Ms: 1.5, p99Ms: 9 });
  });

  it.each([
    ['one wrong answer', 'RESULT 100 2000000 1 1 1 0 500 {"error":"x y"}', '1 of 100 answers were wrong, the first: 500 {"error":"x y"}'],
    ['a connection that failed', 'RESULT 100 2000000 1 1 0 3 ', '3 connections failed'],
    ['no answer at all', 'RESULT 0 2000000 0 0 0 0 ', 'nothing was answered'],
    ['no result', 'unable to connect', 'unable to connect'],
    ['figures that are none', 'RESULT x', 'void'],
  ])('is void with %s', (_, output, reason) => {
    expect(() => judgeLoad(output)).toThrow(reason);
  });
});

const hasWrk = spawnSync('wrk', ['-v'], { stdio: 'ignore' }).error === undefined;

(hasWrk ? describe : describe.skip)(`wrk with our script${hasWrk ? '' : ' (skipped: wrk is not installed)'}`, () => {
  let server: Server;
  let folder: string;
  let served = 0;
  let wrong: { readonly at: number; readonly status: number; readonly body: string } | undefined;
  let seen: { method?: string | undefined; body: string; authorization?: string | undefined } = { body: '' };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-load-'));
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      seen = { method: request.method, body, authorization: request.headers.authorization };
      served += 1;
      if (served === wrong?.at) response.writeHead(wrong.status).end(wrong.body);
      else response.end('{"title":"the marker"}');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await rm(folder, { recursive: true });
  });

  function run() {
    served = 0;
    const { port } = server.address() as AddressInfo;
    const request = { url: `http://127.0.0.1:${port}/x`, method: 'POST', headers: { authorization: 'Bearer "]]' }, body: '{"a":"\\n]]"}', marker: '"the marker"' } as const;
    return runLoad(request, { folder, connections: 4, seconds: 1 });
  }

  it('sends the request and counts right answers', async () => {
    wrong = undefined;
    const { requests, p99Ms } = await run();
    expect(requests).toBeGreaterThan(100);
    expect(p99Ms).toBeGreaterThan(0);
    expect(seen).toEqual({ method: 'POST', body: '{"a":"\\n]]"}', authorization: 'Bearer "]]' });
  });

  it.each([
    ['another body', 200, '{"isError":\ntrue}'],
    ['another status', 503, '{"title":"the marker"}'],
    ['an empty answer', 204, ''],
  ])('finds the one answer with %s', async (_, status, body) => {
    wrong = { at: 57, status, body };
    await expect(run()).rejects.toThrow(`answers were wrong, the first: ${status} ${body.replace('\n', ' ')}`);
  });
});
