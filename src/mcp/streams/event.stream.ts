import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Bytes that a reader may leave unread of what came before a message; one message alone may be larger. */
const MOST_UNREAD = 1024 * 1024;
/** Longest that a reader may take nothing of what waits for it, in milliseconds. */
export const LONGEST_STALL = 20_000;

/** A response as server-sent events, one JSON-RPC message each (Streamable HTTP). What its reader does not take is never kept. */
export class EventStream {
  readonly #response: ServerResponse;

  private constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Takes the response over from Fastify, with the headers that its hooks have set. */
  static open(reply: FastifyReply): EventStream {
    reply.hijack();
    // Proxies must pass each event on as it comes.
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' };
    // Node's headers have no undefined values; Fastify's type allows them.
    reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...headers });
    reply.raw.flushHeaders();
    return new EventStream(reply.raw);
  }

  get isOpen(): boolean {
    return !this.#response.writableEnded && !this.#response.destroyed;
  }

  onClose(listener: () => void): void {
    if (this.#response.closed) listener();
    else this.#response.once('close', listener);
  }

  /** @param json text of one message */
  send(json: string): void {
    this.#write(asEvent(json));
  }

  /** An event that is no message. @param data one line */
  say(event: string, data: string): void {
    this.#write(`event: ${event}\ndata: ${data}\n\n`);
  }

  /** Keeps proxies from taking the stream for dead; what still waits for its reader does so by itself. */
  beat(): void {
    if (!this.#response.writableNeedDrain) this.#write(':\n\n');
  }

  /** @param json text of a last message */
  end(json?: string): void {
    if (this.isOpen) this.#response.end(json === undefined ? undefined : asEvent(json));
  }

  #write(text: string): void {
    if (!this.isOpen) return;
    if (this.#response.writableLength > MOST_UNREAD) return void this.#response.destroy();
    const wasWaiting = this.#response.writableNeedDrain;
    if (this.#response.write(text) || wasWaiting) return;
    // Node tells a slow reader from one that takes nothing, and ends the connection of that one.
    this.#response.setTimeout(LONGEST_STALL);
    this.#response.once('drain', () => this.#response.setTimeout(0));
  }
}

/** A line of data ends at any line break, and an API's own JSON may have some between its tokens. */
const asEvent = (json: string): string => `event: message\ndata: ${json.replace(/\r\n?|\n/g, '\ndata: ')}\n\n`;
