import { hash } from 'node:crypto';
import { TokenError } from './token.error.js';
import type { VerifiedToken } from './verified-token.js';

const LARGEST = 20_000;
/** A refusal is remembered this many milliseconds, so that a client that repeats itself costs its provider nothing. */
const REFUSAL_MS = 10_000;

interface Entry {
  readonly answer: VerifiedToken | TokenError;
  /** Wall-clock milliseconds of the token's own end. */
  readonly expiresAt: number;
  /** Monotonic milliseconds. */
  readonly dropAt: number;
}

/** Remembers what a credential proved or why it was refused; keyed by a hash of all of it, never holding it. Bounded, oldest first out. */
export class VerifiedTokenCache {
  readonly #verified = new Map<string, Entry>();
  /** Apart, so that made-up tokens push no user out. */
  readonly #refused = new Map<string, Entry>();

  static key(provider: string, revision: string, token: string): string {
    // Length prefixes keep two different triples from reading as the same text.
    return hash('sha256', `${provider.length}:${provider}${revision.length}:${revision}${token.length}:${token}`, 'base64');
  }

  get size(): number {
    return this.#verified.size;
  }

  /** @throws TokenError when the credential was refused a moment ago */
  find(key: string): VerifiedToken | undefined {
    const entry = this.#verified.get(key) ?? this.#refused.get(key);
    if (!entry) return undefined;
    const { answer } = entry;
    if (performance.now() < entry.dropAt && Date.now() < entry.expiresAt) {
      if (answer instanceof TokenError) throw answer;
      return answer;
    }
    this.#verified.delete(key);
    this.#refused.delete(key);
    return undefined;
  }

  /** @param lifetime milliseconds; the provider's `cacheFor`, which is the published revocation bound */
  add(key: string, token: VerifiedToken, lifetime: number): void {
    addBounded(this.#verified, key, { answer: token, expiresAt: token.caller.expiresAt * 1_000, dropAt: performance.now() + lifetime });
  }

  addRefusal(key: string, error: TokenError): void {
    addBounded(this.#refused, key, { answer: error, expiresAt: Number.POSITIVE_INFINITY, dropAt: performance.now() + REFUSAL_MS });
  }
}

function addBounded(entries: Map<string, Entry>, key: string, entry: Entry): void {
  if (entries.size >= LARGEST) {
    const [oldest] = entries.keys();
    if (oldest !== undefined) entries.delete(oldest);
  }
  entries.set(key, entry);
}
