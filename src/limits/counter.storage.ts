import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';

/** Counters kept at a time; beyond it the oldest window goes first, which only ever forgives. */
const MOST_COUNTERS = 50_000;

interface Counter {
  hits: number;
  /** Monotonic milliseconds. */
  readonly endsAt: number;
}

type Count = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** Fixed windows in memory, one counter a key: throttler's own storage keeps and scans every hit of the window. */
@Injectable()
export class CounterStorage implements ThrottlerStorage {
  readonly #counters = new Map<string, Counter>();

  get size(): number {
    return this.#counters.size;
  }

  /** @param ttl length of the window in milliseconds @returns times in seconds, as the throttler wants them */
  async increment(key: string, ttl: number, limit: number): Promise<Count> {
    const now = performance.now();
    const counter = this.#open(key, now, ttl);
    counter.hits++;
    const seconds = Math.ceil((counter.endsAt - now) / 1_000);
    const isBlocked = counter.hits > limit;
    return { totalHits: counter.hits, timeToExpire: seconds, isBlocked, timeToBlockExpire: isBlocked ? seconds : 0 };
  }

  #open(key: string, now: number, ttl: number): Counter {
    const known = this.#counters.get(key);
    if (known && now < known.endsAt) return known;
    this.#counters.delete(key);
    if (this.#counters.size >= MOST_COUNTERS) {
      const [oldest] = this.#counters.keys();
      if (oldest !== undefined) this.#counters.delete(oldest);
    }
    const counter = { hits: 0, endsAt: now + ttl };
    this.#counters.set(key, counter);
    return counter;
  }
}
