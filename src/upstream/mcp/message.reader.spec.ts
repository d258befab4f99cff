import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { Agent } from 'undici';
import { MessageReader } from './message.reader.js';

let server: Server | undefined;
let connections = 0;
const agent = new Agent({ connections: 1 });

afterAll(() => agent.destroy());
async function stop(): Promise<void> {
  server?.closeAllConnections();
  await new Promise((done) => server?.close(done));
}
afterEach(stop);

async function start(serve: RequestListener): Promise<string> {
  connections = 0;
  server = createServer(serve).on('connection', () => (connections += 1));
  await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The messages up to the first with a result. */
async function read(origin: string, limit = 1_000_000): Promise<unknown[]> {
  const messages: unknown[] = [];
  const reader = new MessageReader({ limit, take: (message) => messages.push(message) > 0 && typeof message === 'object' && message !== null && 'result' in message });
  agent.dispatch({ origin, path: '/', method: 'POST' }, reader);
  await reader.end;
  return messages;
}

const event = (message: unknown): string => `data: ${JSON.stringify(message)}\n\n`;

describe('messages of an answer', () => {
  it('are over with the one that was waited for, while the stream stays open', async () => {
    let closed: Promise<unknown> | undefined;
    const origin = await start((_, response) => {
      closed = new Promise((resolve) => response.on('close', resolve));
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event({ method: 'a' }) + event({ result: 1 }) + event({ method: 'late' }));
    });
    expect(await read(origin)).toEqual([{ method: 'a' }, { result: 1 }]);
    await closed;
  });

  it('of a stream that ends by itself leave the connection for the next', async () => {
    const origin = await start((_, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(event({ result: 1 })));
    for (let n = 0; n < 5; n += 1) expect(await read(origin)).toEqual([{ result: 1 }]);
    expect(connections).toBe(1);
  });

  it('may be a batch, and keep the digits of their numbers', async () => {
    const origin = await start((_, response) => void response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end('[{"method":"a"},{"result":12345678901234567890}]'));
    expect(await read(origin)).toEqual([{ method: 'a' }, { result: 12345678901234567890n }]);
  });

  it('end at the bytes that are read, and at what is no JSON', async () => {
    const origin = await start((_, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(event({ method: 'x'.repeat(10_000) })));
    await expect(read(origin, 1_000)).rejects.toThrow('more than 1000 bytes');
    await stop();
    const other = await start((_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('<html>'));
    await expect(read(other)).rejects.toThrow(SyntaxError);
  });
});
