import { TokenGrantError } from '@gatehouse-mcp/oauth';

const LARGEST = 10_000;
const SHORTEST_MS = 5_000;
const SPREAD_MS = 10_000;

/** Refusals that the same question meets again, however soon it is asked. */
const LASTING = new Set(['invalid_grant', 'access_denied', 'interaction_required']);

interface Held {
  readonly error: TokenGrantError;
  /** Monotonic milliseconds. */
  readonly dropAt: number;
}

/** What authorization servers refused a moment ago, for 5 to 15 seconds. Bounded, oldest first out. */
export class TokenRefusals {
  readonly #refusals = new Map<string, Held>();

  find(key: string): TokenGrantError | undefined {
    const held = this.#refusals.get(key);
    if (!held) return undefined;
    if (performance.now() < held.dropAt) return held.error;
    this.#refusals.delete(key);
    return undefined;
  }

  /** @param jitter between 0 and 1, so that many callers do not come back at once */
  add(key: string, error: unknown, jitter: number = Math.random()): void {
    if (!(error instanceof TokenGrantError) || !LASTING.has(error.error)) return;
    if (this.#refusals.size >= LARGEST) {
      const [oldest] = this.#refusals.keys();
      if (oldest !== undefined) this.#refusals.delete(oldest);
    }
    this.#refusals.set(key, { error, dropAt: performance.now() + SHORTEST_MS + jitter * SPREAD_MS });
  }

  clear(): void {
    this.#refusals.clear();
  }
}
