import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface ConnectProxyOptions {
  /** `user:password` that clients have to give as Basic credentials; none by default. */
  readonly credentials?: string;
}

/** An HTTP proxy on 127.0.0.1 that knows CONNECT only, keeps every authority that was asked for, and answers 405 to everything else. */
export class ConnectProxy {
  /** `host:port` of each CONNECT, in order, those that were refused too. */
  readonly authorities: string[] = [];
  /** Names that only this proxy can look up: `host:port` it is asked for, and where it connects instead. */
  readonly hosts = new Map<string, string>();
  /** Status for the authorities that are refused. */
  readonly refusals = new Map<string, number>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((_, response) => response.writeHead(405).end());
  readonly #expected: string | undefined;

  private constructor({ credentials }: ConnectProxyOptions) {
    this.#expected = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
    this.#server.on('connect', (request, socket: Socket, head) => this.#open(request, socket, head));
  }

  /** Listens on a free port. `await using` or {@link stop} ends it. */
  static async start(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
    const proxy = new ConnectProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    // A TCP server that listens on a port has an AddressInfo.
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Number of CONNECTs for an authority. */
  count(authority: string): number {
    return this.authorities.filter((asked) => asked === authority).length;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #open({ url = '', headers }: IncomingMessage, client: Socket, head: Buffer): void {
    this.#keep(client);
    this.authorities.push(url);
    if (this.#expected !== undefined && headers['proxy-authorization'] !== this.#expected) return answer(client, '407 Proxy Authentication Required');
    const refusal = this.refusals.get(url);
    if (refusal !== undefined) return answer(client, `${refusal} Refused`);
    const { hostname, port } = new URL(`tcp://${this.hosts.get(url) ?? url}`);
    const upstream = connect({ host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) });
    this.#keep(upstream);
    upstream.once('error', () => answer(client, '502 Bad Gateway'));
    upstream.once('connect', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => socket.destroy());
  }
}

function answer(client: Socket, status: string): void {
  client.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`);
}
