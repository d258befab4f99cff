import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { EventStream } from './event.stream.js';

let server: FastifyInstance;
let port: number;
let opened: Promise<EventStream>;
/** The times that stalled readers were given, and how much faster the clock of those runs. */
let stalls: number[];
let haste: number;

beforeEach(async () => {
  server = fastify();
  stalls = [];
  haste = 1;
  opened = new Promise((resolve) => {
    server.get('/', async (_, reply) => {
      const { raw } = reply;
      const setTimeoutOf = raw.setTimeout.bind(raw);
      raw.setTimeout = (ms) => {
        stalls.push(ms);
        return setTimeoutOf(ms / haste);
      };
      reply.header('x-of-a-hook', 'kept');
      resolve(EventStream.open(reply));
    });
  });
  port = Number(new URL(await server.listen({ port: 0, host: '127.0.0.1' })).port);
});
afterEach(() => server.close());

describe('a stream of events', () => {
  it('keeps the headers of hooks, and writes each line of a message as data of one event', async () => {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    const stream = await opened;
    stream.send('{"a":1,\r\n"b":\n2}');
    stream.beat();
    stream.end('{"last":true}');
    expect([response.headers.get('x-of-a-hook'), response.headers.get('content-type'), response.headers.get('x-accel-buffering')]).toEqual(['kept', 'text/event-stream', 'no']);
    expect(await response.text()).toBe('event: message\ndata: {"a":1,\ndata: "b":\ndata: 2}\n\n:\n\nevent: message\ndata: {"last":true}\n\n');
    expect(stream.isOpen).toBe(false);
  });

  it('gives up a reader that takes nothing, and keeps no more for it than its bound', async () => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const stream = await opened;
    const closed = new Promise<void>((resolve) => stream.onClose(resolve));
    const message = JSON.stringify('x'.repeat(100_000));
    let sent = 0;
    while (stream.isOpen && sent < 1_000) {
      stream.send(message);
      sent += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closed;
    // What the kernel takes, and the bound.
    expect(sent).toBeLessThan(200);
    socket.destroy();
  });

  it('delivers a message larger than its bound to a reader that takes it slowly, whatever beats there are meanwhile', async () => {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    const stream = await opened;
    const message = JSON.stringify('x'.repeat(12_000_000));
    stream.send(message);
    const reader = response.body!.getReader();
    let received = 0;
    for (let reads = 0; received < message.length; reads += 1) {
      const read = await reader.read();
      if (read.done) break;
      received += read.value.length;
      if (reads % 20 === 0) stream.beat();
      if (reads % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(received).toBeGreaterThanOrEqual(message.length);
    expect(stream.isOpen).toBe(true);
    await reader.cancel();
  });

  it('gives up one that takes nothing of a message for a while', async () => {
    haste = 20;
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const stream = await opened;
    const startedAt = performance.now();
    const closed = new Promise<void>((resolve) => stream.onClose(resolve));
    stream.send(JSON.stringify('x'.repeat(12_000_000)));
    const beats = setInterval(() => stream.beat(), 1_000 / haste);
    await closed;
    clearInterval(beats);
    expect(stalls).toEqual([20_000]);
    // Node looks twice: at what moved since the first 20 s.
    const waitedMs = (performance.now() - startedAt) * haste;
    expect(waitedMs).toBeGreaterThan(15_000);
    expect(waitedMs).toBeLessThan(200_000);
    socket.destroy();
  });

  it('tells at once who asks after it has closed', async () => {
    await (await fetch(`http://127.0.0.1:${port}/`)).body?.cancel();
    const stream = await opened;
    await new Promise<void>((resolve) => stream.onClose(resolve));
    let wasTold = false;
    stream.onClose(() => (wasTold = true));
    expect(wasTold).toBe(true);
    stream.send('{}');
    stream.end();
  });
});
