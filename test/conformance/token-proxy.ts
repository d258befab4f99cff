import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Puts a bearer token into each request, for a client that cannot send one, and changes nothing else: hosts, origins and streams pass as they are. */
export class TokenProxy {
  readonly #server: Server;

  private constructor(target: URL, token: () => Promise<string>) {
    this.#server = createServer(async (incoming, outgoing) => {
      const headers = { ...rewriteHost(incoming.headers, target, this.port), authorization: `Bearer ${await token()}` };
      const onward = request({ host: target.hostname, port: target.port, method: incoming.method, path: incoming.url, headers, agent: false }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      outgoing.on('close', () => onward.destroy());
      incoming.pipe(onward);
    });
  }

  static async start(target: string, token: () => Promise<string>): Promise<TokenProxy> {
    const proxy = new TokenProxy(new URL(target), token);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    // A TCP server that listens on a port has an AddressInfo.
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The proxy's own name is the gateway's there; any other is passed on, to be refused. */
function rewriteHost({ host, origin, ...headers }: IncomingHttpHeaders, target: URL, port: number): IncomingHttpHeaders {
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  return {
    ...headers,
    host: host !== undefined && own.includes(host) ? target.host : host,
    ...(origin === undefined ? {} : { origin: own.some((name) => origin === `http://${name}`) ? target.origin : origin }),
  };
}
