/** Ends a call after its time, or when the caller ends it. Cheaper than AbortSignal.any with AbortSignal.timeout. */
export class CallDeadline {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #onCallerAbort = () => this.#controller.abort(this.#caller.reason);
  #isOver = false;

  /** @param milliseconds from now */
  constructor(caller: AbortSignal, milliseconds: number) {
    this.#caller = caller;
    if (caller.aborted) this.#controller.abort(caller.reason);
    caller.addEventListener('abort', this.#onCallerAbort, { once: true });
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      this.#controller.abort(new Error('the deadline of the call has passed'));
    }, milliseconds);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener('abort', this.#onCallerAbort);
  }
}
