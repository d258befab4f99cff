import { hash } from 'node:crypto';
import type { GrantedToken } from '@gatehouse-mcp/oauth';

const LARGEST = 20_000;
const LONGEST_MS = 5 * 60_000;
const MARGIN_MS = 30_000;
const JITTER_MS = 10_000;
/** Lifetime of a token whose server does not say (identity.md). */
const UNKNOWN_LIFETIME_MS = 60_000;

/** Everything that makes one exchange differ from another. */
export interface ExchangeKeyParts {
  readonly tenant: string;
  /** Strategy and the configuration revision that declares it. */
  readonly strategy: string;
  readonly revision: string;
  readonly issuer: string;
  readonly subject: string;
  readonly subjectToken: string;
  readonly client: string;
  readonly endpoint: string;
  readonly audience: readonly string[];
  readonly resource: string;
  readonly scopes: readonly string[];
  /** Requested token type. */
  readonly type: string;
  /** Whose token goes along as the actor's. */
  readonly actor: string;
}

const VERSION = '2';

/** SHA-256 over the length-prefixed parts: no two different exchanges read as the same text. */
export function exchangeKey(parts: ExchangeKeyParts): string {
  const text = [
    VERSION,
    parts.tenant,
    parts.strategy,
    parts.revision,
    parts.issuer,
    parts.subject,
    parts.subjectToken,
    parts.client,
    parts.endpoint,
    ...parts.audience.toSorted(),
    parts.resource,
    ...parts.scopes.toSorted(),
    parts.type,
    parts.actor,
  ];
  const counted = `${parts.audience.length}/${parts.scopes.length}`;
  return hash('sha256', counted + text.map((part) => `${part.length}:${part}`).join(''), 'base64');
}

/**
 * How long an exchanged token may be used from the cache: to the earlier end of it and its subject token, five minutes at
 * most, less a margin and a jitter that keeps replicas from exchanging at the same moment.
 * @returns milliseconds; zero or less means not at all
 */
export function cacheLifetime(expiresIn: number | undefined, subjectExpiresIn: number, jitter: number = Math.random()): number {
  const own = expiresIn === undefined ? UNKNOWN_LIFETIME_MS : expiresIn * 1_000;
  return Math.min(own, subjectExpiresIn * 1_000, LONGEST_MS) - MARGIN_MS - jitter * JITTER_MS;
}

interface Held {
  readonly token: GrantedToken;
  /** Monotonic milliseconds. */
  readonly dropAt: number;
}

/** Tokens obtained by exchange, in memory only. Bounded, oldest first out. */
export class ExchangedTokenCache {
  readonly #tokens = new Map<string, Held>();

  get size(): number {
    return this.#tokens.size;
  }

  find(key: string): GrantedToken | undefined {
    const held = this.#tokens.get(key);
    if (!held) return undefined;
    if (performance.now() < held.dropAt) return held.token;
    this.#tokens.delete(key);
    return undefined;
  }

  add(key: string, token: GrantedToken, lifetime: number): void {
    if (lifetime <= 0) return;
    if (this.#tokens.size >= LARGEST) {
      const [oldest] = this.#tokens.keys();
      if (oldest !== undefined) this.#tokens.delete(oldest);
    }
    this.#tokens.set(key, { token, dropAt: performance.now() + lifetime });
  }

  clear(): void {
    this.#tokens.clear();
  }

  /** Drops the token an API refused, unless another has taken its place since. */
  evict(key: string, token: GrantedToken): void {
    if (this.#tokens.get(key)?.token === token) this.#tokens.delete(key);
  }
}
