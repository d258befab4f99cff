import { hash } from 'node:crypto';
import type { VerifiedToken } from './verified-token.js';

/** The published revocation bound: a token revoked at its issuer is refused this many milliseconds later at most. */
export const REVOCATION_BOUND_MS = 60_000;
const LARGEST = 20_000;

interface Entry {
  readonly token: VerifiedToken;
  /** Wall-clock milliseconds of the token's own end. */
  readonly expiresAt: number;
  /** Monotonic milliseconds. */
  readonly dropAt: number;
}

/** Remembers who a token proved to be; keyed by a hash of the whole token, never holding it. Bounded, oldest first out. */
export class VerifiedTokenCache {
  readonly #entries = new Map<string, Entry>();

  static key(provider: string, revision: string, token: string): string {
    // Length prefixes keep two different triples from reading as the same text.
    return hash('sha256', `${provider.length}:${provider}${revision.length}:${revision}${token.length}:${token}`, 'base64');
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: string): VerifiedToken | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (performance.now() < entry.dropAt && Date.now() < entry.expiresAt) return entry.token;
    this.#entries.delete(key);
    return undefined;
  }

  add(key: string, token: VerifiedToken): void {
    if (this.#entries.size >= LARGEST) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    this.#entries.set(key, { token, expiresAt: token.caller.expiresAt * 1_000, dropAt: performance.now() + REVOCATION_BOUND_MS });
  }

  clear(): void {
    this.#entries.clear();
  }
}
