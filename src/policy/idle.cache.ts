export interface IdleCacheOptions<T> {
  /** Together, the most that all values may weigh; the newest one stays whatever it weighs. */
  readonly capacity: number;
  readonly weigh: (value: T) => number;
  /** Milliseconds after its last use that a value is kept. */
  readonly idleMs: number;
  readonly now?: () => number;
}

/** Values by key: what was used least recently goes first when they weigh too much, and whatever nobody used for a while goes. */
export class IdleCache<T> {
  /** In the order of their last use. */
  readonly #values = new Map<string, { readonly value: T; readonly weight: number; usedAt: number }>();
  readonly #options: IdleCacheOptions<T>;
  readonly #now: () => number;
  #weight = 0;

  constructor(options: IdleCacheOptions<T>) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get size(): number {
    return this.#values.size;
  }

  /** The sum of what its values weigh. */
  get weight(): number {
    return this.#weight;
  }

  find(key: string): T | undefined {
    const kept = this.#values.get(key);
    if (!kept) return undefined;
    this.#values.delete(key);
    this.#values.set(key, kept);
    kept.usedAt = this.#now();
    return kept.value;
  }

  add(key: string, value: T): void {
    this.#drop(key);
    const weight = this.#options.weigh(value);
    this.#values.set(key, { value, weight, usedAt: this.#now() });
    this.#weight += weight;
    for (const oldest of this.#values.keys()) {
      if (this.#weight <= this.#options.capacity || oldest === key) break;
      this.#drop(oldest);
    }
  }

  delete(key: string): void {
    this.#drop(key);
  }

  /** Drops what nobody used for the idle time. */
  sweep(): void {
    const limit = this.#now() - this.#options.idleMs;
    for (const [key, { usedAt }] of this.#values) {
      if (usedAt > limit) break;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    this.#weight -= this.#values.get(key)?.weight ?? 0;
    this.#values.delete(key);
  }
}
