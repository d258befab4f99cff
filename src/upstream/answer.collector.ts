import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** An API's answer as it came. */
export interface CollectedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

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
    if (this.#size > this.#limit) controller.abort(new AnswerTooLargeError(`more than ${this.#limit} bytes`));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [only] = this.#chunks;
    const body = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks, this.#size);
    this.#answer.resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#answer.reject(error);
  }
}
