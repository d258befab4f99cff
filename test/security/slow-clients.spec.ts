import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';

const SOCKETS = 150;
/** Ten times what any of it may take. */
const SLOWEST_ANSWER_MS = 2_000;

let gateway: TestGateway;
const sockets: Socket[] = [];

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      for (const api of settings['apis'] as Settings[]) api['results'] = { maxTokens: 1_000_000 };
      (settings['limits'] as Settings)['streams'] = { perCaller: 20 };
    },
  });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await gateway.stop();
});

/** Sends this much, then nothing for ever. @returns milliseconds until the gateway ended it */
function stall(text: string, readsAnswers = true): Promise<number> {
  const startedAt = performance.now();
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => undefined);
  sockets.push(socket);
  socket.write(text);
  if (readsAnswers) socket.resume();
  // A paused socket does not see its end.
  const watched = readsAnswers ? Promise.resolve(socket) : new Promise<Socket>((resolve) => gateway.app.getHttpServer().once('connection', resolve));
  return watched.then((peer) => new Promise((resolve) => peer.once('close', () => resolve(performance.now() - startedAt))));
}

async function answerTimes(until: Promise<unknown>): Promise<number[]> {
  const token = await gateway.token({ sub: 'innocent' });
  const times: number[] = [];
  const over = new AbortController();
  void until.finally(() => over.abort());
  while (!over.signal.aborted) {
    const startedAt = performance.now();
    expect((await gateway.call(token, 'items_deleteItem', { id: '1' })).result?.isError).toBeUndefined();
    times.push(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return times;
}

/** Security attack 39. */
describe('clients that are slow on purpose', () => {
  it('are ended by time-outs, in headers, in bodies and as readers, and others are served all the while', async () => {
    gateway.upstream.answerWith(({ method }) => (method === 'GET' ? { body: JSON.stringify({ text: 'x'.repeat(3_000_000) }) } : {}));
    const head = `POST /mcp HTTP/1.1\r\nHost: ${new URL(gateway.url).host}\r\nAuthorization: Bearer ${await gateway.token()}\r\nContent-Type: application/json\r\n`;
    const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'items_getItem', arguments: { id: '1' } } });
    // More than the kernel's own buffers hold.
    const reader = stall(`${head}Accept: application/json\r\nContent-Length: ${call.length}\r\n\r\n${call}`.repeat(6), false);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const headers = Array.from({ length: SOCKETS }, () => stall(head));
    const bodies = Array.from({ length: SOCKETS }, () => stall(`${head}Content-Length: 1000\r\n\r\n{"jsonrpc"`));
    const all = Promise.all([...headers, ...bodies, reader]);
    const [times] = await Promise.all([answerTimes(all), all]);
    // 10 s, 30 s and 20 s, and when Node next looks.
    expect(Math.max(...(await Promise.all(headers)))).toBeLessThan(20_000);
    expect(Math.max(...(await Promise.all(bodies)))).toBeLessThan(45_000);
    expect(await reader).toBeGreaterThan(15_000);
    expect(times.length).toBeGreaterThan(50);
    expect(Math.max(...times)).toBeLessThan(SLOWEST_ANSWER_MS);
  }, 90_000);

  it('have no more standing streams than their share, however many they ask for', async () => {
    const token = await gateway.token({ sub: 'greedy' });
    const ask = () => fetch(`${gateway.url}/mcp`, { headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` } });
    // Kept, because a response that nobody holds is cancelled.
    const responses = await Promise.all(Array.from({ length: 500 }, ask));
    const countOf = (wanted: number) => responses.filter(({ status }) => status === wanted).length;
    expect([countOf(200), countOf(429)]).toEqual([20, 480]);
    expect((await gateway.call(token, 'items_deleteItem', { id: '1' })).result?.isError).toBeUndefined();
    await Promise.all(responses.map(({ body }) => body?.cancel()));
  }, 30_000);
});
