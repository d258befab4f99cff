import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** One request as the bytes that came over TCP. */
export interface RawRequest {
  readonly requestLine: string;
  /** Header lines as received, each byte one character. */
  readonly headerLines: readonly string[];
  readonly body: Buffer;
}

const headEnd = Buffer.from('\r\n\r\n');

/** A TCP server on 127.0.0.1 that parses nothing but the head's end and `Content-Length`, keeps every byte, and answers 204. */
export class RawUpstream {
  readonly requests: RawRequest[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => this.#serve(socket));

  /** Listens on a free port. `await using` or {@link stop} ends it. */
  static async start(): Promise<RawUpstream> {
    const upstream = new RawUpstream();
    await new Promise<void>((resolve, reject) => {
      upstream.#server.once('error', reject);
      upstream.#server.listen(0, '127.0.0.1', resolve);
    });
    return upstream;
  }

  /** `http://127.0.0.1:port`, without a trailing slash. */
  get url(): string {
    // A TCP server that listens on a port has an AddressInfo.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The newest request; throws when there was none. */
  get last(): RawRequest {
    const request = this.requests.at(-1);
    if (request === undefined) throw new Error('The raw upstream received no request.');
    return request;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #serve(socket: Socket): void {
    let received = Buffer.alloc(0);
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, Buffer.from(chunk)]);
      for (let end = received.indexOf(headEnd); end !== -1; end = received.indexOf(headEnd)) {
        const [requestLine = '', ...headerLines] = received.toString('latin1', 0, end).split('\r\n');
        const length = Number(/^content-length:\s*(\d+)$/i.exec(headerLines.find((line) => /^content-length:/i.test(line)) ?? '')?.[1] ?? 0);
        const bodyEnd = end + headEnd.length + length;
        if (received.length < bodyEnd) return;
        this.requests.push({ requestLine, headerLines, body: received.subarray(end + headEnd.length, bodyEnd) });
        received = received.subarray(bodyEnd);
        socket.write('HTTP/1.1 204 No Content\r\n\r\n');
      }
    });
  }
}
