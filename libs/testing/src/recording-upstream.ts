import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** One request as the socket carried it. */
export interface RecordedRequest {
  readonly method: string;
  /** Request target up to `?`, not decoded. */
  readonly path: string;
  /** Request target after `?`, not decoded; empty when there is none. */
  readonly query: string;
  /** Name and value pairs in the order and spelling received. */
  readonly rawHeaders: readonly (readonly [string, string])[];
  /** Names in lower case; repeated fields joined as Node joins them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export interface RecordedAnswer {
  /** Default 200. */
  readonly status?: number;
  /** Default: `content-type: application/json`. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Default `{}`. */
  readonly body?: string | Uint8Array;
}

export type Answerer = (request: RecordedRequest) => RecordedAnswer | Promise<RecordedAnswer>;

/** A real HTTP server on 127.0.0.1 that records every request and answers from a function (default: 200 and `{}` as JSON). */
export class RecordingUpstream {
  readonly requests: RecordedRequest[] = [];
  /** Requests whose client went away before its answer. */
  aborted = 0;
  readonly #server: Server;
  #answer: Answerer;

  private constructor(answer: Answerer) {
    this.#answer = answer;
    this.#server = createServer((request, response) => {
      response.once('close', () => {
        if (!response.writableFinished) this.aborted += 1;
      });
      this.#handle(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))));
    });
  }

  /** Listens on a free port. `await using` or {@link stop} ends it. */
  static async start(answer: Answerer = () => ({})): Promise<RecordingUpstream> {
    const upstream = new RecordingUpstream(answer);
    await new Promise<void>((resolve, reject) => {
      upstream.#server.once('error', reject);
      upstream.#server.listen(0, '127.0.0.1', resolve);
    });
    return upstream;
  }

  /** `http://127.0.0.1:port`, without a trailing slash. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The recording upstream is not listening.');
    return `http://127.0.0.1:${address.port}`;
  }

  /** The newest request; throws when there was none. */
  get last(): RecordedRequest {
    const request = this.requests.at(-1);
    if (request === undefined) throw new Error('The recording upstream received no request.');
    return request;
  }

  /** Replaces the function that answers from now on. */
  answerWith(answer: Answerer): void {
    this.#answer = answer;
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

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const recorded = await record(request);
    this.requests.push(recorded);
    const { status = 200, headers = { 'content-type': 'application/json' }, body = '{}' } = await this.#answer(recorded);
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(body);
  }
}

async function record(request: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const target = request.url ?? '';
  const question = target.indexOf('?');
  const rawHeaders: [string, string][] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    rawHeaders.push([request.rawHeaders[index] ?? '', request.rawHeaders[index + 1] ?? '']);
  }
  return {
    method: request.method ?? '',
    path: question === -1 ? target : target.slice(0, question),
    query: question === -1 ? '' : target.slice(question + 1),
    rawHeaders,
    headers: request.headers,
    body: Buffer.concat(chunks),
  };
}
