import { createHash } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { EgressError } from './egress-error.js';

/** A proxy that did not open a tunnel. The message says what it answered, and neither its name, which callers need not know, nor its credentials. */
export class ProxyError extends Error {
  constructor(
    message: string,
    /** What it answered; undefined when it was not reached. */
    readonly status: number | undefined,
  ) {
    super(message);
    this.name = 'ProxyError';
  }
}

/** An HTTP proxy to which tunnels are opened (CONNECT, RFC 9110 §9.3.6). Its credentials are printed by nothing. */
export class HttpProxy {
  readonly host: string;
  readonly port: number;
  readonly #authorization: string | undefined;

  /**
   * @param url `http://[USER:PASSWORD@]HOST[:PORT]`
   * @throws EgressError for another scheme or what is no URL; the message does not repeat it
   */
  constructor(url: string) {
    if (!URL.canParse(url)) throw new EgressError('is no URL of a proxy: http://[USER:PASSWORD@]HOST:PORT');
    const { protocol, hostname, port, username, password, pathname, search } = new URL(url);
    if (protocol !== 'http:') throw new EgressError(`is the URL of a proxy with the scheme ${protocol.slice(0, -1)}; only http is known, through which TLS passes end to end`);
    if (pathname !== '/' || search !== '') throw new EgressError('is no URL of a proxy: it has a path or a query');
    this.host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    this.port = Number(port) || 80;
    this.#authorization = username === '' && password === '' ? undefined : `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')}`;
  }

  /** `host:port`. */
  get name(): string {
    return `${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.port}`;
  }

  get hasCredentials(): boolean {
    return this.#authorization !== undefined;
  }

  /** Equal for the same proxy with the same credentials; a digest, so that nothing can be read from it. */
  get key(): string {
    return createHash('sha256').update(JSON.stringify([this.name, this.#authorization])).digest('hex');
  }

  /**
   * A connection to the peer through the proxy, which looks the name up itself.
   * @param timeout milliseconds for the connection to the proxy and its answer
   * @throws ProxyError
   */
  async openTunnel(host: string, port: number, timeout: number): Promise<Socket> {
    const authority = `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
    return new Promise((resolve, reject) => {
      const headers = { host: authority, ...(this.#authorization === undefined ? {} : { 'proxy-authorization': this.#authorization }) };
      const connect = request({ host: this.host, port: this.port, method: 'CONNECT', path: authority, headers, agent: false });
      const timer = setTimeout(() => connect.destroy(new Error(`no answer within ${timeout} ms`)), timeout);
      connect.once('connect', ({ statusCode = 0 }, socket, head) => {
        clearTimeout(timer);
        if (statusCode >= 200 && statusCode < 300 && head.length === 0) return resolve(socket.setNoDelay(true));
        socket.destroy();
        // Nobody may speak before the client does: such bytes are not the peer's.
        const fault = head.length > 0 && statusCode < 300 ? 'sent something of its own into the tunnel' : `refused the tunnel with ${statusCode}`;
        return reject(new ProxyError(`the proxy ${fault}${statusCode === 407 ? ': it wants other credentials' : ''}`, statusCode));
      });
      connect.once('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        reject(new ProxyError(`the proxy opened no tunnel (${error.code ?? error.message})`, undefined));
      });
      connect.end();
    });
  }
}

/** User names and passwords stand percent-encoded in a URL; a stray "%" stands for itself. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
