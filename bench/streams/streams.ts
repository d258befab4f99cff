import { mkdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '@gatehouse-mcp/testing';
import { BenchError } from '../bench.error.js';
import type { BenchOptions } from '../bench.options.js';
import { startGatehouse } from '../gatehouse.js';
import type { BenchSetup } from '../measured-server.js';
import { ServerProcess } from '../server.process.js';
import { residentBytes } from '../usage.js';
import { callFor, p99Of } from '../valid-users.js';

const STREAMS = 5_000;
/** Connections that are being opened at a time. */
const AT_ONCE = 50;
const CALLS_MS = 10_000;
/** Until each stream has had a beat, and what opening them left was collected. */
const SETTLE_MS = 20_000;

export interface StreamReport {
  /** Bytes of the server's resident memory for each stream. */
  readonly bytesPerStream: number;
  readonly bareBytesPerStream: number;
  /** Milliseconds of valid users' calls without streams, and with all of them open. */
  readonly p99Without: number;
  readonly p99During: number;
}

export async function measureStreams(setup: BenchSetup, options: BenchOptions, progress: (line: string) => void): Promise<StreamReport> {
  // A process of its own: one that has worked has room left for whatever comes.
  const folder = join(setup.folder, 'streams');
  await mkdir(folder);
  const gatehouse = await startGatehouse({ ...setup, folder }, options);
  const { request: call } = gatehouse;
  const server = await hold(gatehouse.pid, call.url, { authorization: call.headers['authorization'] ?? '' });
  progress(`streams: ${STREAMS} are open, calls beside them`);
  await callFor(CALLS_MS, call);
  const p99During = p99Of(await callFor(CALLS_MS, call));
  await server.close();
  const p99Without = p99Of(await callFor(CALLS_MS, call));
  const bare = await startBareServer(setup);
  const baseline = await hold(bare.pid, `${bare.url}/stream`, {});
  await baseline.close();
  return { bytesPerStream: server.bytes / STREAMS, bareBytesPerStream: baseline.bytes / STREAMS, p99Without, p99During };
}

export function describeStreams({ bytesPerStream, bareBytesPerStream, p99Without, p99During }: StreamReport): string {
  const kilobytes = (bytes: number) => (bytes / 1_024).toFixed(1);
  return [
    `${STREAMS} standing streams: ${kilobytes(bytesPerStream)} KB for each (goal 40; bare node:http ${kilobytes(bareBytesPerStream)})`,
    `  p99 of calls while they are open ${p99During.toFixed(2)} ms, without ${p99Without.toFixed(2)}, ratio ${(p99During / p99Without).toFixed(2)} (bound 2)`,
  ].join('\n');
}

async function startBareServer({ folder, cores, started }: BenchSetup): Promise<{ readonly pid: number; readonly url: string }> {
  const port = await findFreePort();
  const server = new ServerProcess({
    name: 'the bare streams',
    command: process.execPath,
    args: [join(import.meta.dirname, 'bare-streams.process.js'), String(port)],
    core: cores.server,
    logFile: join(folder, 'bare-streams.log'),
  });
  started.push(server);
  await server.waitFor(`http://127.0.0.1:${port}/ready`);
  return { pid: server.pid, url: `http://127.0.0.1:${port}` };
}

async function hold(pid: number, url: string, headers: Readonly<Record<string, string>>): Promise<{ readonly bytes: number; close(): Promise<void> }> {
  const before = residentBytes(pid);
  const sockets: Socket[] = [];
  for (let count = 0; count < STREAMS; count += AT_ONCE) sockets.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => openStream(new URL(url), headers)))));
  await sleep(SETTLE_MS);
  const closed = sockets.filter(({ destroyed }) => destroyed).length;
  if (closed > 0) throw new BenchError(`the figures are void: ${closed} of ${STREAMS} streams have ended`);
  return {
    bytes: residentBytes(pid) - before,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await sleep(1_000);
    },
  };
}

/** A socket that has been answered with a stream and reads on. */
function openStream({ hostname, port, host, pathname }: URL, headers: Readonly<Record<string, string>>): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.once('error', reject);
    socket.once('data', (head) => {
      if (!head.toString().startsWith('HTTP/1.1 200 ')) return reject(new BenchError(`a stream was answered: ${head.toString().split('\r\n')[0]}`));
      socket.resume();
      return resolve(socket);
    });
    const lines = Object.entries({ host, accept: 'text/event-stream', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n`);
  });
}
