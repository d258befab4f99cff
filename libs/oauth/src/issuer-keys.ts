import { createPublicKey, type KeyObject } from 'node:crypto';
import { JwksClient } from 'jwks-rsa';

/** A verification key of an issuer, bound to one algorithm. */
export interface IssuerKey {
  readonly key: KeyObject;
  readonly algorithm: string;
}

/** What a key must say, or may leave out, to be the issuer's. */
interface KeyBinding {
  /** Compared with the `issuer` member that some servers write into their JWKs. */
  readonly issuer?: string | undefined;
  /** Algorithm of JWKs that name none; only for issuers that use one. */
  readonly defaultAlgorithm?: string | undefined;
}

export interface IssuerKeysOptions extends KeyBinding {
  /** Monotonic milliseconds. */
  readonly now?: () => number;
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
  readonly #binding: KeyBinding;
  #keys: ReadonlyMap<string, IssuerKey> = new Map();
  #loadedAt = Number.NEGATIVE_INFINITY;
  #fetchTimes: number[] = [];
  #failure: unknown;
  #flight: Promise<void> | undefined;

  /** @param fetchJwks answers with the issuer's JWK Set (RFC 7517 §5), in at most two seconds */
  constructor(fetchJwks: () => Promise<unknown>, { now = () => performance.now(), ...binding }: IssuerKeysOptions = {}) {
    this.#fetchJwks = fetchJwks;
    this.#now = now;
    this.#binding = binding;
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
      this.#keys = await readKeys(await this.#fetchJwks(), this.#binding);
      this.#loadedAt = this.#now();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
  }
}

/**
 * A JWK without `alg` is left out, unless the issuer is known to use one algorithm only: nothing else would bind its key to one
 * (RFC 8725 §3.1). So is a JWK that says it is another issuer's, as those of a server of many directories do.
 */
async function readKeys(jwks: unknown, { issuer, defaultAlgorithm }: KeyBinding): Promise<ReadonlyMap<string, IssuerKey>> {
  const listed = typeof jwks === 'object' && jwks !== null && 'keys' in jwks && Array.isArray(jwks.keys) ? jwks.keys : [];
  const bound = listed
    .filter((jwk) => typeof jwk?.kid === 'string' && (jwk.issuer === undefined || issuer === undefined || isIssuer(jwk.issuer, issuer)))
    .map((jwk) => ({ ...jwk, alg: jwk.alg ?? defaultAlgorithm }))
    .filter(({ alg }) => typeof alg === 'string');
  const client = new JwksClient({ cache: false, fetcher: async () => ({ keys: bound }) });
  const keys = await client.getSigningKeys();
  // PEM text would be parsed again at each verification: RS256 takes 37 µs with a KeyObject and 164 with PEM.
  return new Map(keys.map(({ kid, alg, getPublicKey }) => [kid, { key: createPublicKey(getPublicKey()), algorithm: alg }]));
}

/** Microsoft's keys for all directories say `{tenantid}` in place of the directory. */
function isIssuer(said: unknown, issuer: string): boolean {
  if (typeof said !== 'string') return false;
  const [before = '', after] = said.split('{tenantid}', 2);
  return after === undefined ? said === issuer : issuer.startsWith(before) && issuer.endsWith(after) && issuer.length > before.length + after.length;
}
