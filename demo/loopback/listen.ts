import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codeOf } from './error-code.js';

export interface LoopbackServer {
  readonly port: number;
  close(): Promise<void>;
}

const noSuchFamily = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

/**
 * Listens on 127.0.0.1 and ::1 with one port: `localhost` means either, depending on the machine and the client.
 * A machine without IPv6 is served on 127.0.0.1 alone. Port 0 picks a free one.
 */
export async function listenOnLoopback(listener: RequestListener, port: number): Promise<LoopbackServer> {
  const first = createServer(listener);
  await listen(first, port, '127.0.0.1');
  // A TCP server's address is an object; only a pipe's is a string.
  const chosen = (first.address() as AddressInfo).port;
  const second = createServer(listener);
  try {
    await listen(second, chosen, '::1');
  } catch (error) {
    if (!noSuchFamily.has(codeOf(error))) {
      await close(first);
      throw error;
    }
  }
  return {
    port: chosen,
    async close() {
      await Promise.all([close(first), close(second)]);
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, ipv6Only: host === '::1' }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) {
      resolve();
      return;
    }
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
