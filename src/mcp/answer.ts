import type { FastifyReply, FastifyRequest } from 'fastify';
import { joinText, type McpAnswer, type MessageText } from './json-rpc.js';
import { EventStream, LONGEST_STALL } from './streams/event.stream.js';

/** Characters that the kernel takes off our hands whatever the reader does. */
const SMALL = 64 * 1024;

/** Takes what is said of a request before its result. */
export interface Notifier {
  /** Whether it reaches anybody. */
  readonly takesNotifications: boolean;
  notify(method: string, params: Readonly<Record<string, unknown>>): void;
}

/** The answer to one POST: one JSON body or, once something is to be said before the result, a stream of events that ends with it. */
export class Answer implements Notifier {
  /** Whether the client takes both forms, as it must (Streamable HTTP); one that does not gets the result alone. */
  readonly takesNotifications: boolean;
  readonly #reply: FastifyReply;
  #stream: EventStream | undefined;

  constructor({ headers }: Pick<FastifyRequest, 'headers'>, reply: FastifyReply) {
    this.takesNotifications = takesEvents(headers.accept);
    this.#reply = reply;
  }

  notify(method: string, params: Readonly<Record<string, unknown>>): void {
    if (!this.takesNotifications || this.#reply.raw.destroyed) return;
    this.#stream ??= EventStream.open(this.#reply);
    this.#stream.send(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  async end({ status, body }: McpAnswer): Promise<void> {
    // Without a listener, Node ends a connection on which nothing moves for as long.
    const length = body?.reduce((sum, part) => sum + part.length, 0) ?? 0;
    if (length > SMALL) this.#reply.raw.setTimeout(LONGEST_STALL);
    if (this.#stream) return this.#stream.end(body && joinText(body));
    this.#reply.code(status);
    if (body === undefined) return void (await this.#reply.send());
    this.#reply.header('content-type', 'application/json');
    if (body.length === 1) return void (await this.#reply.send(body[0]));
    this.#sendParts(body);
  }

  /** Past Fastify, which takes one string or buffer. */
  #sendParts(parts: MessageText): void {
    const { raw, statusCode } = this.#reply;
    this.#reply.hijack();
    // Node's headers have no undefined values; Fastify's type allows them.
    raw.writeHead(statusCode, { ...(this.#reply.getHeaders() as Record<string, string>), 'content-length': parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0) });
    raw.cork();
    for (const part of parts) raw.write(part);
    raw.end();
    raw.uncork();
  }
}

/** @param accept the header */
export const takesEvents = (accept: string | undefined): boolean => accept !== undefined && /(?:^|[\s,])(?:text\/event-stream|text\/\*|\*\/\*)(?![^,;\s])/i.test(accept);
