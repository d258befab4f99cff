import { setTimeout as delay } from 'node:timers/promises';
import { readEvents } from './event-stream.js';
import { type EndpointAnswer, type Exchange, readText } from './exchange.js';
import { LONGEST_MESSAGE, toLine } from './server-answer.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** The stream that a legacy client opens with GET for what answers no request. It comes back when it ends, and never asks anybody to sign in. */
export class StandingStream {
  readonly #exchange: Exchange;
  readonly #write: (line: string) => void;

  constructor(exchange: Exchange, write: (line: string) => void) {
    this.#exchange = exchange;
    this.#write = write;
  }

  /** Ends with the signal, or when the server offers no such stream. */
  async follow(headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    let lastId: string | undefined;
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        const answer = await this.#open(headers, lastId, signal);
        if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) return void (await readText(answer, LONGEST_MESSAGE));
        if (answer.status !== 200 || answer.header('content-type')?.startsWith('text/event-stream') !== true) throw new Error(await readText(answer, LONGEST_MESSAGE));
        for await (const event of readEvents(answer.body, LONGEST_MESSAGE)) {
          lastId = event.id ?? lastId;
          pause = event.retry ?? FIRST_PAUSE_MS;
          this.#write(toLine(event.data));
        }
      } catch (error) {
        // Cut off, or the server is away: the calls say so to the host, this only tries again.
        if (signal.aborted || !(error instanceof Error)) return;
      }
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  #open(headers: Readonly<Record<string, string>>, lastId: string | undefined, signal: AbortSignal): Promise<EndpointAnswer> {
    const from = lastId === undefined ? {} : { 'last-event-id': lastId };
    return this.#exchange({ method: 'GET', headers: { ...headers, ...from, accept: 'text/event-stream' }, isAwaited: false, signal });
  }
}
