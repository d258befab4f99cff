import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { readEvents } from './event-stream.js';
import type { EndpointAnswer, Exchange } from './exchange.js';
import { type HostMessage, modernHeaders, readHostMessage } from './host-message.js';
import { errorLine, INTERNAL_ERROR, INVALID_REQUEST, LONGEST_MESSAGE, PARSE_ERROR, readAnswer, toLine } from './server-answer.js';
import { type LegacySession, readSession, sessionHeaders } from './legacy-session.js';
import { StandingStream } from './standing-stream.js';
import { readLines } from '../../mcp/stdio/text-lines.js';

/** What calls under way get to end, once the host has closed its side; hosts wait two seconds before they kill. */
const GRACE_MS = 1_500;
const POST_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/**
 * Stdio ⇄ Streamable HTTP, in the era that the host speaks. The text of a message passes as it is, in both directions; what is
 * translated is how the transports say the rest: headers, sessions, streams, cancellation.
 */
export class StdioBridge {
  readonly #exchange: Exchange;
  readonly #output: Writable;
  readonly #report: (line: string) => void;
  readonly #flights = new Map<string, AbortController>();
  readonly #pending = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  /** Everything waits for the answer to `initialize`: it says in which session the rest goes. */
  #handshake: Promise<void> = Promise.resolve();
  #session: LegacySession | undefined;

  /** @param report takes lines for people */
  constructor(exchange: Exchange, output: Writable, report: (line: string) => void) {
    this.#exchange = exchange;
    this.#output = output;
    this.#report = (line) => report(toPrintable(line));
  }

  /** Serves the host until its side ends or the signal says so. */
  async serve(input: AsyncIterable<Uint8Array | string>, signal: AbortSignal): Promise<void> {
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([this.#readAll(input), stopped]);
    await Promise.race([Promise.all(this.#pending), delay(GRACE_MS, undefined, { ref: false }), stopped]);
    this.#closing.abort(new Error('the host has gone'));
    await this.#endSession();
  }

  async #readAll(input: AsyncIterable<Uint8Array | string>): Promise<void> {
    for await (const line of readLines(input, LONGEST_MESSAGE)) {
      if (line.trim() !== '') this.#receive(line);
    }
  }

  #receive(line: string): void {
    if (line.length > LONGEST_MESSAGE) return this.#write(errorLine('null', INVALID_REQUEST, `the message is longer than ${LONGEST_MESSAGE} characters`));
    let message: HostMessage | undefined;
    try {
      message = readHostMessage(line);
    } catch {
      return this.#write(errorLine('null', PARSE_ERROR, 'the line is no JSON'));
    }
    if (!message) return this.#write(errorLine('null', INVALID_REQUEST, 'the line is no JSON-RPC 2.0 message; batches are not supported'));
    if (message.cancels !== undefined && this.#cancel(message.cancels)) return;
    const sent = this.#send(message);
    if (message.method === 'initialize') this.#handshake = sent;
    // A standing subscription ends with the host, not before.
    if (message.method === 'subscriptions/listen') return;
    this.#pending.add(sent);
    sent.finally(() => this.#pending.delete(sent)).catch(() => undefined);
  }

  /** @returns whether that was all: towards a modern server a closed stream is the cancellation, a legacy one wants the notification too */
  #cancel(id: string): boolean {
    this.#flights.get(id)?.abort(new Error('the host cancelled the request'));
    return this.#session === undefined;
  }

  async #send(message: HostMessage): Promise<void> {
    const flight = new AbortController();
    if (message.id !== undefined) this.#flights.set(message.id, flight);
    try {
      if (message.method !== 'initialize') await this.#handshake;
      const signal = AbortSignal.any([flight.signal, this.#closing.signal]);
      signal.throwIfAborted();
      const headers = { ...POST_HEADERS, ...(message.method === 'initialize' ? {} : sessionHeaders(this.#session)), ...modernHeaders(message) };
      const answer = await this.#exchange({ method: 'POST', headers, body: message.text, isAwaited: true, signal });
      await this.#deliver(message, answer);
    } catch (error) {
      if (!flight.signal.aborted && !this.#closing.signal.aborted) this.#fail(message, error instanceof Error ? error.message : String(error));
    } finally {
      if (message.id !== undefined && this.#flights.get(message.id) === flight) this.#flights.delete(message.id);
    }
  }

  async #deliver(message: HostMessage, answer: EndpointAnswer): Promise<void> {
    const type = answer.header('content-type');
    if (message.id === undefined) return this.#settle(message, answer);
    if (answer.status === 200 && type?.startsWith('text/event-stream')) return this.#deliverEvents(message, answer);
    const judged = await readAnswer(message, answer);
    if ('problem' in judged) return this.#fail(message, judged.problem);
    if (message.method === 'initialize') this.#session = readSession(judged.line, answer.header('mcp-session-id'));
    this.#write(judged.line);
  }

  async #deliverEvents(message: HostMessage, answer: EndpointAnswer): Promise<void> {
    let isAnswered = false;
    for await (const { data } of readEvents(answer.body, LONGEST_MESSAGE)) {
      const line = toLine(data);
      if (line === '') continue;
      const isResponse = !('method' in parseRecord(line));
      if (isResponse && message.method === 'initialize') this.#session = readSession(line, answer.header('mcp-session-id'));
      isAnswered ||= isResponse;
      this.#write(line);
    }
    if (!isAnswered) this.#fail(message, 'the server ended the stream before it answered');
  }

  /** The answer to what wants none. */
  async #settle(message: HostMessage, answer: EndpointAnswer): Promise<void> {
    const judged = await readAnswer(message, answer);
    if (answer.status >= 400) this.#report(`${message.method ?? 'a response'} was refused: ${'problem' in judged ? judged.problem : judged.line.slice(0, 500)}`);
    if (message.method === 'notifications/initialized' && this.#session) this.#listen(this.#session);
  }

  /** What a legacy server says of itself comes on a stream of its own, where it offers one. */
  #listen(session: LegacySession): void {
    const stream = new StandingStream(this.#exchange, (line) => this.#write(line));
    stream.follow(sessionHeaders(session), this.#closing.signal).catch((error: unknown) => this.#report(`the server's stream ended: ${error instanceof Error ? error.message : String(error)}`));
  }

  async #endSession(): Promise<void> {
    if (this.#session?.id === undefined) return;
    const answer = this.#exchange({ method: 'DELETE', headers: sessionHeaders(this.#session), isAwaited: false, signal: AbortSignal.timeout(GRACE_MS) });
    // Servers without sessions of their own answer 405, and one that is away has ended it.
    await answer.catch(() => undefined);
  }

  #fail(message: HostMessage, problem: string): void {
    this.#report(problem);
    if (message.id !== undefined) this.#write(errorLine(message.id, INTERNAL_ERROR, problem));
  }

  #write(line: string): void {
    this.#output.write(`${line}\n`);
  }
}

function parseRecord(line: string): object {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null) throw new Error('the server sent an event that is no JSON-RPC message');
  return value;
}

/** What servers wrote may be in it: nothing that a terminal obeys, or that turns a text around. */
const toPrintable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
