import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** An API's answer as it came. */
export interface CollectedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** True for the beginning of a stream that was longer, or took longer, than is read. */
  readonly isPartial?: boolean;
}

/** Media types that are lists of complete parts, often without an end: a part of them is worth having. */
const streams = /^(text\/event-stream|application\/((x-)?ndjson|jsonl|json-seq|stream\+json))\b/i;

/** The answer has more bytes than are read. */
export class AnswerTooLargeError extends Error {
  override readonly name = 'AnswerTooLargeError';
}

/**
 * Takes one answer from undici's dispatch: cheaper than its `request`, which makes a stream of every body, and it knows
 * whether a byte of the request can have left.
 */
export class AnswerCollector implements Dispatcher.DispatchHandler {
  readonly #answer = Promise.withResolvers<CollectedAnswer>();
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #controller: Dispatcher.DispatchController | undefined;
  #stopped: Error | undefined;

  /** @param limit bytes of the body that are read at most */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get answer(): Promise<CollectedAnswer> {
    return this.#answer.promise;
  }

  /** True once the request was handed to a connection. */
  get hasStarted(): boolean {
    return this.#controller !== undefined;
  }

  /** Ends the exchange wherever it is; one that still waits for a connection is not sent. */
  stop(reason: Error): void {
    this.#stopped = reason;
    this.#controller?.abort(reason);
    this.#answer.reject(reason);
  }

  /** The same at the deadline, where what a stream gave until then is the answer. */
  stopAtDeadline(reason: Error): void {
    if (this.#isStream) this.#finish(true);
    this.stop(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#stopped) controller.abort(this.#stopped);
    else this.#controller = controller;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size <= this.#limit) {
      this.#chunks.push(chunk);
      return;
    }
    if (this.#isStream) this.#finish(true);
    controller.abort(new AnswerTooLargeError(`more than ${this.#limit} bytes`));
  }

  onResponseEnd(): void {
    this.#finish(false);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#answer.reject(error);
  }

  get #isStream(): boolean {
    const type = this.#headers['content-type'];
    return this.#status >= 200 && this.#status < 300 && type !== undefined && streams.test(type);
  }

  #finish(isPartial: boolean): void {
    const [only] = this.#chunks;
    const body = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks);
    this.#answer.resolve({ status: this.#status, headers: this.#headers, body, ...(isPartial ? { isPartial } : {}) });
  }
}
