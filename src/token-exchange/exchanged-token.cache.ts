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

const VERSION = '3';

/** SHA-256 over the length-prefixed parts: no two different exchanges read as the same text. One text at once: this is on the path of every call. */
export function exchangeKey(parts: ExchangeKeyParts): string {
  const { tenant, strategy, revision, issuer, subject, subjectToken, client, endpoint, audience, resource, scopes, type, actor } = parts;
  const caller = count(tenant) + count(strategy) + count(revision) + count(issuer) + count(subject) + count(subjectToken);
  const target = count(client) + count(endpoint) + countAll(audience) + count(resource) + countAll(scopes) + count(type) + count(actor);
  return hash('sha256', VERSION + caller + target, 'base64');
}

const count = (text: string): string => `${text.length}:${text}`;

function countAll(texts: readonly string[]): string {
  let counted = `${texts.length}/`;
  for (const text of texts.length < 2 ? texts : texts.toSorted()) counted += count(text);
  return counted;
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
