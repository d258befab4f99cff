import { createServer, type Server } from 'node:net';
import { once } from 'node:events';

export interface Received {
  readonly method: string;
  readonly target: string;
  /** Names in lower case; bytes as Latin-1. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** A server that keeps the bytes of the last request as they came and answers 204. */
export class SocketServer {
  readonly #server: Server;
  #bytes = Buffer.alloc(0);

  private constructor() {
    this.#server = createServer((socket) => {
      this.#bytes = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        this.#bytes = Buffer.concat([this.#bytes, chunk]);
        if (this.#isWhole()) socket.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n');
      });
      socket.on('error', () => socket.destroy());
    });
  }

  static async start(): Promise<SocketServer> {
    const started = new SocketServer();
    started.#server.listen(0, '127.0.0.1');
    await once(started.#server, 'listening');
    return started;
  }

  get origin(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  get last(): Received {
    const end = this.#bytes.indexOf('\r\n\r\n');
    const [line = '', ...fields] = this.#bytes.subarray(0, end).toString('latin1').split('\r\n');
    const [method = '', target = ''] = line.split(' ');
    const headers = new Map(fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]));
    return { method, target, headers, body: this.#bytes.subarray(end + 4) };
  }

  stop(): void {
    this.#server.close();
  }

  #isWhole(): boolean {
    return this.#bytes.includes('\r\n\r\n') && this.last.body.length >= Number(this.last.headers.get('content-length') ?? 0);
  }
}
