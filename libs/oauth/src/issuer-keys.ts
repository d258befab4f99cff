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

/** No key of the issuer has this id, as far as a set read after the question can tell: the token is not the issuer's, or no longer. */
export class UnknownKeyError extends Error {
  readonly code = 'unknown_key';
  override readonly name = 'UnknownKeyError';
}

/** The issuer's keys cannot be had right now, or not again so soon, so nothing can be said of the token. */
export class KeysUnavailableError extends Error {
  readonly code = 'keys_unavailable';
  override readonly name = 'KeysUnavailableError';

  /** @param retryAfter whole seconds after which the keys can be looked at again */
  constructor(
    message: string,
    readonly retryAfter: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const WINDOW_MS = 30_000;
const FETCHES_IN_WINDOW = 2;
const STALE_AFTER_MS = 10 * 60_000;
const DROP_AFTER_MS = 24 * 3_600_000;
const MOST_WITHDRAWN = 100;
/** While the issuer gives no keys and may still be asked: a moment for it to heal. */
const RETRY_S = 10;

/**
 * The signing keys of one issuer. At most two fetches in 30 s, whatever kids arrive; one flight at a time; the last good
 * set is kept for a day while the issuer is down, and an empty or unreadable set never replaces it. A key is unknown only to
 * a set that was read after it was asked for: whoever uses up the fetches with made-up kids makes no token of a new key wrong.
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
  /** Number of fetches that have begun, and which of them gave the keys in use. */
  #begun = 0;
  #answered = 0;
  /** Ids of earlier sets: whose tokens are signed with one must sign in again, and need no fetch to learn it. */
  readonly #withdrawn = new Set<string>();

  /** @param fetchJwks answers with the issuer's JWK Set (RFC 7517 §5), in at most two seconds */
  constructor(fetchJwks: () => Promise<unknown>, { now = () => performance.now(), ...binding }: IssuerKeysOptions = {}) {
    this.#fetchJwks = fetchJwks;
    this.#now = now;
    this.#binding = binding;
  }

  /**
   * @param kid the token's key id; required, so that a key is never guessed
   * @throws UnknownKeyError when a set that was read since the question has no such key, or the key was withdrawn
   * @throws KeysUnavailableError when that cannot be known: the issuer does not answer, or may not be asked again yet
   */
  async find(kid: string): Promise<IssuerKey> {
    const known = this.#current(kid);
    if (known) {
      if (this.#now() - this.#loadedAt > STALE_AFTER_MS && this.#mayFetch()) void this.#refresh();
      return known;
    }
    const begun = this.#begun;
    // A fetch under way may bring the key, but began before the question: it cannot say that there is none.
    const joined = this.#flight;
    if (joined) await joined;
    const isDown = joined !== undefined && this.#failure !== undefined;
    if (!this.#current(kid) && !isDown && (this.#begun > begun || this.#mayFetch())) await this.#readSince(begun);
    const fetched = this.#current(kid);
    if (fetched) return fetched;
    if (this.#answered > begun || (this.#failure === undefined && this.#withdrawn.has(kid))) throw new UnknownKeyError('the issuer has no key of this id');
    throw new KeysUnavailableError('the keys of the issuer cannot be fetched now', this.#retryAfter(), { cause: this.#failure });
  }

  /** Whoever waited for an older fetch shares the one that follows it. */
  async #readSince(begun: number): Promise<void> {
    if (this.#begun === begun) return this.#refresh();
    await this.#flight;
  }

  #current(kid: string): IssuerKey | undefined {
    return this.#now() - this.#loadedAt < DROP_AFTER_MS ? this.#keys.get(kid) : undefined;
  }

  #mayFetch(): boolean {
    const since = this.#now() - WINDOW_MS;
    this.#fetchTimes = this.#fetchTimes.filter((time) => time > since);
    return this.#fetchTimes.length < FETCHES_IN_WINDOW;
  }

  /** Seconds until the oldest fetch of the window no longer counts. */
  #retryAfter(): number {
    const [oldest] = this.#mayFetch() ? [] : this.#fetchTimes;
    return oldest === undefined ? RETRY_S : Math.max(1, Math.ceil((oldest + WINDOW_MS - this.#now()) / 1_000));
  }

  #refresh(): Promise<void> {
    this.#flight ??= this.#load().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #load(): Promise<void> {
    const number = (this.#begun += 1);
    this.#fetchTimes.push(this.#now());
    try {
      const keys = await readKeys(await this.#fetchJwks(), this.#binding);
      this.#withdraw([...this.#keys.keys()].filter((kid) => !keys.has(kid)));
      this.#keys = keys;
      this.#loadedAt = this.#now();
      this.#answered = number;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
  }

  #withdraw(kids: readonly string[]): void {
    for (const kid of kids) this.#withdrawn.add(kid);
    for (const kid of this.#withdrawn) {
      if (this.#withdrawn.size <= MOST_WITHDRAWN) return;
      this.#withdrawn.delete(kid);
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
  const usable = keys.map(({ kid, alg, getPublicKey }) => [kid, { key: createPublicKey(getPublicKey()), algorithm: alg }] as const).filter(([, { key }]) => isStrong(key));
  if (usable.length === 0) throw new Error('the key set has no usable key');
  return new Map(usable);
}

/** An RSA key has 2048 bits or more (RFC 7518 §3.3); garbage that parses has fewer, and may replace no good key. */
const isStrong = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean => asymmetricKeyType !== 'rsa' || (asymmetricKeyDetails?.modulusLength ?? 0) >= 2_048;

/** Microsoft's keys for all directories say `{tenantid}` in place of the directory. */
function isIssuer(said: unknown, issuer: string): boolean {
  if (typeof said !== 'string') return false;
  const [before = '', after] = said.split('{tenantid}', 2);
  return after === undefined ? said === issuer : issuer.startsWith(before) && issuer.endsWith(after) && issuer.length > before.length + after.length;
}
