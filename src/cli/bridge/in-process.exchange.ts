import { type IncomingMessage, request, type Server } from 'node:http';
import { duplexPair } from 'node:stream';
import type { Secret } from '@gatehouse-mcp/oauth';
import type { EndpointAnswer, EndpointRequest, Exchange } from './exchange.js';

/**
 * Reaches the MCP endpoint of a server in this process that listens nowhere: each request is a connection of its own, in memory,
 * so that its end is what the end of a connection is from the network.
 * @param publicUrl whose Host the requests carry
 * @param token sent with each request; undefined for none
 */
export function createInProcessExchange(server: Server, publicUrl: string, token: Secret | undefined): Exchange {
  const { host } = new URL(publicUrl);
  return ({ method, headers, body, signal }: EndpointRequest) =>
    new Promise<EndpointAnswer>((resolve, reject) => {
      const [near, far] = duplexPair();
      // It comes from this machine, as its peer's address says of a socket.
      Object.defineProperty(far, 'remoteAddress', { value: '127.0.0.1' });
      server.emit('connection', far);
      const credential = token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` };
      const outgoing = request({ createConnection: () => near, method, path: '/mcp', headers: { ...headers, ...credential, host, connection: 'close' }, signal }, (response) => resolve(toAnswer(response)));
      outgoing.once('error', reject);
      outgoing.end(body);
    });
}

function toAnswer(response: IncomingMessage): EndpointAnswer {
  const header = (name: string): string | undefined => {
    const value = response.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  return { status: response.statusCode ?? 0, header, body: response };
}
