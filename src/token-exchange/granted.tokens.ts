import type { GrantedToken } from '@gatehouse-mcp/oauth';
import { cacheLifetime, ExchangedTokenCache, exchangeKey, type ExchangeKeyParts } from './exchanged-token.cache.js';
import { TokenRefusals } from './token-refusals.js';

/** A token for an API, and how to give up on it. */
export interface Obtained {
  readonly token: GrantedToken;
  /** Call it when the API answers 401: the next call obtains another. */
  readonly evict: () => void;
}

/** Tokens of all links and callers: each obtained at most once at a time, kept a while, and refusals for a moment. */
export class GrantedTokens {
  readonly #cache = new ExchangedTokenCache();
  readonly #refusals = new TokenRefusals();
  readonly #flights = new Map<string, Promise<GrantedToken>>();
  #epoch = 0;

  /** Forgets everything, after a revocation; what is under way is used by those who wait for it and not kept. */
  clear(): void {
    this.#epoch += 1;
    this.#cache.clear();
    this.#refusals.clear();
    this.#flights.clear();
  }

  /**
   * @param expiresIn seconds that the subject's own token is still good for
   * @throws whatever `grant` throws; TokenGrantError also for what was refused a moment ago
   */
  async obtain(parts: ExchangeKeyParts, expiresIn: number, grant: () => Promise<GrantedToken>): Promise<Obtained> {
    const key = exchangeKey(parts);
    const cached = this.#cache.find(key);
    if (cached) return this.#hand(key, cached);
    const refused = this.#refusals.find(key);
    if (refused) throw refused;
    return this.#hand(key, await (this.#flights.get(key) ?? this.#fly(key, expiresIn, grant)));
  }

  #hand(key: string, token: GrantedToken): Obtained {
    return { token, evict: () => this.#cache.evict(key, token) };
  }

  /** The flight carries no caller's signal: one caller's abort never ends it for the others. */
  #fly(key: string, expiresIn: number, grant: () => Promise<GrantedToken>): Promise<GrantedToken> {
    const epoch = this.#epoch;
    const flight = grant()
      .then(
        (token) => {
          if (epoch === this.#epoch) this.#cache.add(key, token, cacheLifetime(token.expiresIn, expiresIn));
          return token;
        },
        (error: unknown) => {
          if (epoch === this.#epoch) this.#refusals.add(key, error);
          throw error;
        },
      )
      .finally(() => {
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
      });
    this.#flights.set(key, flight);
    return flight;
  }
}
