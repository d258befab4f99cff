const TICK_MS = 15_000;

/** Does a pass again and again, one at a time. */
export class WatchTimer {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(private readonly pass: () => Promise<void>) {}

  start(): void {
    this.#timer = setInterval(() => void this.runNow(), TICK_MS).unref();
  }

  /** Ends after the pass that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async runNow(): Promise<void> {
    this.#running ??= this.pass().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }
}
