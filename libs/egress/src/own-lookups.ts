import type { lookup as dnsLookup } from 'node:dns';

export type Lookup = typeof dnsLookup;

/** Milliseconds for which a name is not looked up again after it could not be. */
const FAILED_MS = 10_000;
/** Names that are remembered so. */
const MOST_FAILED = 1_000;

/**
 * What our own resolver says of names that a proxy will look up. Behind a proxy a lookup here may hang until it fails, and each one
 * holds a thread of the process: so there is one for a name at a time, and none for a while after a failure.
 */
export class OwnLookups {
  readonly #answers = new Map<string, Promise<readonly string[]>>();
  readonly #lookup: Lookup;
  readonly #timeout: number;

  /** @param timeout milliseconds after which an answer counts as none */
  constructor(lookup: Lookup, timeout: number) {
    this.#lookup = lookup;
    this.#timeout = timeout;
  }

  /** The addresses of a name; none when they cannot be known here. */
  async addressesOf(host: string): Promise<readonly string[]> {
    const known = this.#answers.get(host);
    if (known) return known;
    const answer = this.#ask(host);
    this.#answers.set(host, answer);
    const addresses = await answer;
    const [oldest] = this.#answers.size > MOST_FAILED ? this.#answers.keys() : [];
    if (oldest !== undefined) this.#answers.delete(oldest);
    // An answer may change at any time and is never remembered; that there is none approves nothing.
    if (addresses.length > 0) this.#answers.delete(host);
    else setTimeout(() => this.#answers.delete(host), FAILED_MS).unref();
    return addresses;
  }

  async #ask(host: string): Promise<readonly string[]> {
    return new Promise((done) => {
      const timer = setTimeout(() => done([]), this.#timeout);
      this.#lookup(host, { all: true }, (error, addresses) => {
        clearTimeout(timer);
        done(error ? [] : addresses.map(({ address }) => address));
      });
    });
  }
}
