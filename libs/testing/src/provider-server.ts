import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** A whole answer of an endpoint; without headers it is JSON. */
export interface FixedAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request as the fake saw it. */
export interface ProviderRequest {
  readonly method: string;
  /** Request target up to `?`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * What all fake identity providers are: a real HTTP server on 127.0.0.1 that counts and keeps what it was asked, and can
 * be told to be slow or to answer a path with something else. A provider adds its endpoints in `answer`.
 */
export abstract class ProviderServer {
  /** Number of requests by path, without the query. */
  readonly fetches = new Map<string, number>();
  readonly requests: ProviderRequest[] = [];
  /** Answers for a path (without the query) instead of the right ones. */
  readonly fixed = new Map<string, FixedAnswer>();
  /** Milliseconds before each answer. */
  delayMs = 0;
  readonly #server: Server;

  protected constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  /** `http://127.0.0.1:port`, without a trailing slash. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The fake provider is not listening.');
    return `http://127.0.0.1:${address.port}`;
  }

  /** `host:port`, for an egress allow list. */
  get host(): string {
    return new URL(this.url).host;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  /** The provider's own endpoints. An error thrown here cuts the connection. */
  protected abstract answer(request: ProviderRequest): FixedAnswer | Promise<FixedAnswer>;

  protected async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    this.fetches.set(request.path, (this.fetches.get(request.path) ?? 0) + 1);
    this.requests.push(request);
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    const { status, body, headers = JSON_TYPE } = this.fixed.get(request.path) ?? (await this.answer(request));
    response.writeHead(status, headers).end(body);
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };

export function answerJson(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): FixedAnswer {
  return { status, body: JSON.stringify(body), headers: { ...JSON_TYPE, ...headers } };
}

/** The fields of a form body; none where the body says that it is something else. */
export function readForm({ headers, body }: ProviderRequest): URLSearchParams {
  return new URLSearchParams(headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? body : '');
}

/** The members of a JSON object body; undefined for anything else. */
export function readJson({ body }: ProviderRequest): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The token of `Authorization: Bearer` (RFC 6750 §2.1). */
export function readBearer({ headers }: ProviderRequest): string | undefined {
  return /^Bearer ([^ ]+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** User and password of `Authorization: Basic`, as they stand there (RFC 7617); OAuth form-encodes both first (RFC 6749 §2.3.1). */
export function readBasic({ headers }: ProviderRequest): { readonly user: string; readonly password: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

async function readRequest(incoming: IncomingMessage): Promise<ProviderRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const [path = '', query = ''] = (incoming.url ?? '').split('?', 2);
  return { method: incoming.method ?? '', path, query: new URLSearchParams(query), headers: incoming.headers, body: Buffer.concat(chunks).toString() };
}
