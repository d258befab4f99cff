import type { JsonRpcMessage } from './gateway.js';

/** Reads a response of server-sent events, one JSON-RPC message each. */
export class Events {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = '';

  constructor(response: Response) {
    if (response.headers.get('content-type') !== 'text/event-stream' || !response.body) throw new Error(`no stream of events: ${response.status} ${response.headers.get('content-type')}`);
    this.#reader = response.body.getReader();
  }

  /** The next message; undefined when the stream has ended, or none came in time. */
  async next(withinMs = 5_000): Promise<JsonRpcMessage | undefined> {
    const until = Date.now() + withinMs;
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end < 0) {
        if (!(await this.#read(until - Date.now()))) return undefined;
        continue;
      }
      const event = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      const data = event.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []));
      if (data.length > 0) return JSON.parse(data.join('\n')) as JsonRpcMessage;
    }
  }

  /** Whether the stream ends in time. */
  async ends(withinMs = 5_000): Promise<boolean> {
    const until = Date.now() + withinMs;
    while (Date.now() < until) {
      const read = await this.#read(until - Date.now());
      if (read === false) return true;
    }
    return false;
  }

  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  #pending: ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']> | undefined;

  /** @returns false at the end, undefined when nothing came in time */
  async #read(withinMs: number): Promise<boolean | undefined> {
    this.#pending ??= this.#reader.read();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), Math.max(0, withinMs))));
    try {
      const read = await Promise.race([this.#pending, late]);
      if (!read) return undefined;
      this.#pending = undefined;
      this.#text += this.#decoder.decode(read.value, { stream: true });
      return !read.done;
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}
