import type { IncomingHttpHeaders } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { parseArguments } from '@gatehouse-mcp/openapi-tools';
import type { Dispatcher } from 'undici';
import { AnswerTooLargeError } from '../answer.collector.js';
import { EventLines } from './event.lines.js';

/** How an exchange ended: the server's status, and what a refusal said. */
export interface ExchangeEnd {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Beginning of the body of what was no message. */
  readonly text: string;
}

/** Characters of a refusal that are read. */
const LARGEST_REFUSAL = 64 * 1024;
/** What a stream may still send behind the answer, in bytes and milliseconds: one that ends by itself leaves its connection for the next call. */
const LARGEST_REST = 64 * 1024;
const LONGEST_REST = 1_000;

export interface ReaderOptions {
  /** Bytes of the whole answer that are read at most. */
  readonly limit: number;
  /** Takes each message as it comes. @returns whether no more are wanted */
  readonly take: (message: unknown) => boolean;
}

/**
 * Reads the messages of one answer from undici's dispatch, as JSON or as a stream of events, without waiting for its end: the exchange is
 * over with the message that was waited for.
 */
export class MessageReader implements Dispatcher.DispatchHandler {
  readonly #end = Promise.withResolvers<ExchangeEnd>();
  readonly #options: ReaderOptions;
  readonly #decoder = new StringDecoder('utf8');
  readonly #lines = new EventLines((data) => this.#takeText(data));
  readonly #texts: string[] = [];
  #size = 0;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #controller: Dispatcher.DispatchController | undefined;
  #stopped: Error | undefined;
  #isDone = false;
  #rest: NodeJS.Timeout | undefined;
  /** Bytes that were read with the answer. */
  #restFrom = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  get end(): Promise<ExchangeEnd> {
    return this.#end.promise;
  }

  /** True once the request was handed to a connection. */
  get hasStarted(): boolean {
    return this.#controller !== undefined;
  }

  /** Ends the exchange wherever it is; closing the stream is what cancels a modern request. */
  stop(reason: Error): void {
    this.#stopped = reason;
    this.#controller?.abort(reason);
    this.#end.reject(reason);
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
    if (this.#isDone) return this.#passOver(controller);
    if (this.#size > this.#options.limit) return this.stop(new AnswerTooLargeError(`more than ${this.#options.limit} bytes`));
    const text = this.#decoder.write(chunk);
    if (!this.#isEvents) this.#texts.push(text);
    else this.#guard(() => this.#lines.push(text));
    if (!this.#isDone) return;
    this.#restFrom = this.#size;
    this.#rest = setTimeout(() => controller.abort(new Error('the answer is there')), LONGEST_REST).unref();
  }

  onResponseEnd(): void {
    clearTimeout(this.#rest);
    if (this.#isJson) this.#guard(() => this.#takeText(this.#texts.join('')));
    this.#finish();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.#rest);
    this.#end.reject(error);
  }

  get #isEvents(): boolean {
    return this.#isOk && this.#isOfType('text/event-stream');
  }

  get #isJson(): boolean {
    return this.#isOk && this.#isOfType('application/json') && this.#size > 0;
  }

  get #isOk(): boolean {
    return this.#status >= 200 && this.#status < 300;
  }

  #isOfType(type: string): boolean {
    return this.#headers['content-type']?.toLowerCase().startsWith(type) === true;
  }

  #passOver(controller: Dispatcher.DispatchController): void {
    if (this.#size - this.#restFrom > LARGEST_REST) controller.abort(new Error('the answer is there'));
  }

  #takeText(text: string): void {
    if (this.#isDone || text === '') return;
    const message = parseArguments(text);
    // 2025-03-26 has batches.
    for (const one of Array.isArray(message) ? message : [message]) this.#isDone ||= this.#options.take(one);
    if (this.#isDone) this.#finish();
  }

  /** What is thrown here would end the socket's pool, not the exchange. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.stop(error instanceof Error ? error : new Error('the answer cannot be read'));
    }
  }

  #finish(): void {
    this.#end.resolve({ status: this.#status, headers: this.#headers, text: this.#isDone ? '' : this.#texts.join('').slice(0, LARGEST_REFUSAL) });
  }
}
