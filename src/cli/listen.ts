import { createServer, type Server } from 'node:http';
import { errorCode } from '@gatehouse-mcp/oauth';
import { closeConnectionsAsTheyIdle } from '../app.js';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** The socket errors of a machine without IPv6. */
const NO_IPV6 = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

/**
 * Listens on the host; `localhost` means both loopback families, whatever the machine's hosts file makes of the name.
 * @throws Error that names the setting when the port is taken
 */
export async function listenOn(app: NestFastifyApplication, host: string, port: number): Promise<void> {
  try {
    if (host === 'localhost') await listenOnLoopback(app, port);
    else await app.listen(port, host);
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') throw error;
    throw Object.assign(new Error(`listen.port: ${port} is in use by another program`), { code: 'EADDRINUSE' });
  }
}

async function listenOnLoopback(app: NestFastifyApplication, port: number): Promise<void> {
  const first: Server = app.getHttpServer();
  const second = createServer((request, response) => first.emit('request', request, response));
  // Before the application closes: what came in through the second socket is finished like the rest.
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('preClose', (done) => {
      closeConnectionsAsTheyIdle(second);
      second.close(() => done());
    });
  await app.listen(port, '127.0.0.1');
  const { headersTimeout, requestTimeout, keepAliveTimeout, maxRequestsPerSocket } = first;
  Object.assign(second, { headersTimeout, requestTimeout, keepAliveTimeout, maxRequestsPerSocket });
  try {
    await new Promise<void>((resolve, reject) => {
      second.once('error', reject);
      second.listen({ port, host: '::1', ipv6Only: true }, resolve);
    });
  } catch (error) {
    if (!NO_IPV6.has(errorCode(error) ?? '')) throw error;
  }
}
