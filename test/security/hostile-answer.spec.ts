import { gzipSync } from 'node:zlib';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';

const MB = 1024 * 1024;
const DEADLINE_MS = 3_000;
const BOMB = gzipSync(Buffer.alloc(200 * MB, 0x20));

const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  bomb: (response) => void response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(BOMB),
  endless: (response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    const chunk = Buffer.alloc(64 * 1024, 0x78);
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  },
  trickle: (response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    const timer = setInterval(() => response.write('x'), 200);
    response.once('close', () => clearInterval(timer));
  },
  headers: (response) => {
    response.socket?.end(`HTTP/1.1 200 OK\r\n${Array.from({ length: 100_000 }, (_, n) => `x-${n}: 1`).join('\r\n')}\r\ncontent-length: 2\r\n\r\n{}`);
  },
};

let gateway: TestGateway;
let api: Server;

beforeAll(async () => {
  api = createServer((request, response) => answers[(request.url ?? '').split('/').pop() ?? '']?.(response.on('error', () => undefined)));
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(api.address() as AddressInfo).port}`;
  gateway = await startGateway({
    change: (settings) => {
      for (const settingsOfApi of settings['apis'] as Settings[]) Object.assign(settingsOfApi, { baseUrl: `http://${host}/v1`, timeout: '3s' });
      (settings['egress'] as { allow: string[] }).allow.push(host);
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  api.closeAllConnections();
  await new Promise((resolve) => api.close(resolve));
});

/** Security attack 33. */
describe('an answer of an API that is made to cost', () => {
  it.each(['bomb', 'endless', 'trickle', 'headers'])('ends at its bound, as a tool error: %s', async (kind) => {
    const token = await gateway.token();
    const before = process.memoryUsage().rss;
    const startedAt = performance.now();
    const { result } = await gateway.call(token, 'items_getItem', { id: kind });
    expect(result?.isError).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS * 2);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * MB);
  }, 30_000);
});
