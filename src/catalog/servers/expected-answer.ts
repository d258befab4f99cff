import { isWithinDepth, type JsonObject } from '@gatehouse-mcp/openapi-tools';
import { GatewayError } from '../../errors/gateway.error.js';

const TOO_MANY = { code: 'upstream_too_many_messages', status: 502 };
const MALFORMED = { code: 'upstream_malformed', status: 502 };

/** Messages that one request may be sent before its answer. */
const MOST_MESSAGES = 10_000;
/** Requests of the server's own that are answered meanwhile; what comes beyond them is not. */
const MOST_REPLIES = 16;
const DEEPEST = 200;
const METHOD_NOT_FOUND = -32_601;

/** How far a request is, in the server's own measure. */
export interface PeerProgress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/** One request to a server. */
export interface PeerRequest {
  readonly method: string;
  readonly params: JsonObject;
  readonly signal: AbortSignal;
  /** Undefined where nobody wants to know: then the server is not asked to say it. */
  readonly onProgress?: ((progress: PeerProgress) => void) | undefined;
}

/** The server answered with an error of JSON-RPC, in its own words. */
export class PeerError extends GatewayError {
  constructor(
    readonly rpcCode: number,
    message: string,
    readonly data: unknown,
  ) {
    super({ code: 'upstream_error', status: 502 }, message);
  }
}

export interface AnswerOptions {
  readonly id: string;
  readonly onProgress: PeerRequest['onProgress'];
  /** Sends an answer to a request of the server's. */
  readonly reply: (message: JsonObject) => void;
}

/**
 * Waits for the answer to one request among everything that a server sends: answers to other ids are nobody's here and are passed over,
 * progress goes on to who asked, and what the server asks of a client is refused, so that it never reaches ours.
 */
export class ExpectedAnswer {
  readonly #settled = Promise.withResolvers<JsonObject>();
  readonly #options: AnswerOptions;
  #messages = 0;
  #replies = 0;
  #isSettled = false;

  constructor(options: AnswerOptions) {
    this.#options = options;
    // Whoever waits comes later than a server in memory may answer.
    this.#settled.promise.catch(() => undefined);
  }

  /** The result. @throws PeerError, or GatewayError for what the server may not do */
  get result(): Promise<JsonObject> {
    return this.#settled.promise;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  fail(error: Error): void {
    this.#isSettled = true;
    this.#settled.reject(error);
  }

  /** @param message parsed JSON */
  take(message: unknown): void {
    if (this.#isSettled) return;
    this.#messages += 1;
    if (this.#messages > MOST_MESSAGES) return this.fail(new GatewayError(TOO_MANY, `sent more than ${MOST_MESSAGES} messages before its answer`));
    if (!isRecord(message) || !isWithinDepth(message, DEEPEST)) return this.fail(new GatewayError(MALFORMED, 'sent what is no message'));
    if (typeof message['method'] === 'string') return message['id'] === undefined ? this.#hear(message) : this.#refuse(message);
    if (message['id'] !== this.#options.id) return;
    if (isRecord(message['error'])) return this.fail(readError(message['error']));
    if (!isRecord(message['result'])) return this.fail(new GatewayError(MALFORMED, 'sent an answer without a result'));
    this.#isSettled = true;
    this.#settled.resolve(message['result']);
  }

  #hear({ method, params }: JsonObject): void {
    if (method !== 'notifications/progress' || !isRecord(params) || params['progressToken'] !== this.#options.id) return;
    const { progress, total, message } = params;
    if (typeof progress !== 'number') return;
    this.#options.onProgress?.({ progress, ...(typeof total === 'number' ? { total } : {}), ...(typeof message === 'string' ? { message: message.slice(0, 1_000) } : {}) });
  }

  #refuse({ id = null, method }: JsonObject): void {
    this.#replies += 1;
    if (this.#replies > MOST_REPLIES) return;
    const answer = method === 'ping' ? { result: {} } : { error: { code: METHOD_NOT_FOUND, message: 'not supported: a gateway asks no user and no model' } };
    this.#options.reply({ jsonrpc: '2.0', id, ...answer });
  }
}

function readError({ code, message, data }: JsonObject): PeerError {
  return new PeerError(typeof code === 'number' ? code : 0, typeof message === 'string' ? message.slice(0, 2_000) : 'an error without a message', data);
}

export const isRecord = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
