/** Keeps what a socket received: method, target and header lines as sent, the body's bytes. */
import { createServer } from 'node:http';

export class RecordingServer {
  /** @type {{ method: string, target: string, headers: Record<string, string>, content: string }[]} */
  requests = [];
  #server = createServer((request, response) => {
    /** @type {Buffer[]} */
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      this.requests.push({ method: request.method ?? '', target: request.url ?? '', headers, content: Buffer.concat(chunks).toString() });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });

  /** @returns {Promise<string>} its URL */
  async start() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
