import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { IssuedCertificate } from './certificate-authority.js';

export interface TlsUpstreamOptions extends IssuedCertificate {
  /** PEM of the authority whose client certificates are asked for. */
  readonly clientAuthority?: string;
  /** Whether a client without such a certificate is let in. */
  readonly isOptional?: boolean;
}

/** An HTTPS server on 127.0.0.1 that answers 200 and `{}` to everything, and keeps what it saw of each request. */
export class TlsUpstream {
  /** Method, path and the common name of the client's certificate, if it showed one. */
  readonly requests: { readonly method: string; readonly path: string; readonly client: string | undefined; readonly serverName: string | false | undefined }[] = [];
  readonly #server: Server;

  private constructor({ certificate, privateKey, clientAuthority, isOptional = false }: TlsUpstreamOptions) {
    const clients = clientAuthority === undefined ? {} : { requestCert: true, rejectUnauthorized: !isOptional, ca: clientAuthority };
    this.#server = createServer({ cert: certificate, key: privateKey, ...clients }, (request, response) => {
      // An HTTPS server's sockets are TLS sockets.
      const socket = request.socket as TLSSocket & { readonly servername?: string | false };
      const client: unknown = socket.getPeerCertificate().subject?.CN;
      this.requests.push({ method: request.method ?? '', path: request.url ?? '', client: typeof client === 'string' ? client : undefined, serverName: socket.servername });
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }

  /** Listens on a free port. `await using` or {@link stop} ends it. */
  static async start(options: TlsUpstreamOptions): Promise<TlsUpstream> {
    const upstream = new TlsUpstream(options);
    await new Promise<void>((resolve, reject) => {
      upstream.#server.once('error', reject);
      upstream.#server.listen(0, '127.0.0.1', resolve);
    });
    return upstream;
  }

  get port(): number {
    // A TCP server that listens on a port has an AddressInfo.
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
