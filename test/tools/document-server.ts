import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A real address of one document that changes, answers conditional requests and counts them. */
export class DocumentServer {
  /** Status codes answered, in order. */
  readonly answered: number[] = [];
  document: string;
  /** Answered instead of the document while it is set. */
  failure: { readonly status: number; readonly body: string; readonly headers?: Record<string, string> } | undefined;
  readonly #server: Server;

  private constructor(document: string) {
    this.document = document;
    this.#server = createServer((request, response) => {
      const etag = `"${createHash('sha256').update(this.document).digest('hex').slice(0, 16)}"`;
      const status = this.failure?.status ?? (request.headers['if-none-match'] === etag ? 304 : 200);
      this.answered.push(status);
      response.writeHead(status, this.failure ? (this.failure.headers ?? {}) : { etag, 'content-type': 'application/json' });
      response.end(this.failure?.body ?? (status === 304 ? undefined : this.document));
    });
  }

  static async start(document: object): Promise<DocumentServer> {
    const started = new DocumentServer(JSON.stringify(document));
    await new Promise<void>((done) => started.#server.listen(0, '127.0.0.1', done));
    return started;
  }

  get host(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  get url(): string {
    return `http://${this.host}/openapi.json`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}
