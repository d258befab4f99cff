import { Secret } from '@gatehouse-mcp/oauth';
import { computeScopeUnion, isStrictScopeSuperset, OAuthError, type OAuthTokens, refreshAuthorization } from '@modelcontextprotocol/client';
import { CommandError } from '../command.error.js';
import { authenticateClient, type KnownClient } from './client.registration.js';
import { type Challenge, discover, type SignInPlace } from './discovery.js';
import { withLock } from './lock.file.js';
import type { KeptSession, SessionStore } from './session.store.js';
import { signIn, type SignInOptions, toTokenFailure, UnansweredError } from './sign-in.js';

/** A token is renewed this long before it expires, or at four fifths of a short life. */
const AHEAD_MS = 60_000;
/** After a sign-in that came to nothing, no browser opens again for this long: hosts repeat themselves. */
const COOL_DOWN_MS = 30_000;
/** Answers of a token endpoint that say nothing about the refresh token. */
const UNAVAILABLE: readonly string[] = ['server_error', 'temporarily_unavailable', 'slow_down', 'too_many_requests'];

/** What a renewal may do: ask the authorization server, or the person as well. */
export type Means = 'refresh' | 'sign-in' | 'refresh-alone';

/** The user's tokens for one endpoint, shared with other processes by way of the store. */
export class Session {
  readonly #endpoint: URL;
  readonly #store: SessionStore;
  readonly #options: SignInOptions;
  readonly #signal: AbortSignal;
  #kept: KeptSession | undefined;
  #place: SignInPlace | undefined;
  /** All that sign-ins of this process asked for: what was withheld is not asked for again. */
  #asked: string | undefined;
  #failure: { readonly at: number; readonly error: Error } | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /** @param signal ends what waits for a person */
  constructor(endpoint: URL, store: SessionStore, options: SignInOptions, signal: AbortSignal) {
    this.#endpoint = endpoint;
    this.#store = store;
    this.#options = options;
    this.#signal = signal;
  }

  /** The token to send now, renewed ahead of its end; undefined before the first sign-in. */
  async token(): Promise<Secret | undefined> {
    this.#kept ??= this.#store.read();
    if (!this.#kept) return undefined;
    const { accessToken, expiresAt, refreshToken } = this.#kept;
    const token = new Secret(accessToken);
    if (!isEnding(this.#kept)) return token;
    try {
      if (refreshToken !== undefined) return await this.renew(token, {}, 'refresh-alone');
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      // Good to its end while nobody can give another; after that the endpoint's own 401 decides.
      if ((expiresAt ?? 0) < Date.now()) return undefined;
    }
    return token;
  }

  /**
   * Another token than the one that was refused.
   * @throws CommandError when there is none to be had by these means
   */
  renew(refused: Secret | undefined, challenge: Challenge, means: Means): Promise<Secret> {
    return this.#exclusively(async (kept) => {
      if (kept && kept.accessToken !== refused?.reveal() && !isEnding(kept)) return this.#use(kept);
      if (kept?.refreshToken !== undefined && means !== 'sign-in') {
        const refreshed = await this.#refresh(kept, kept.refreshToken, challenge);
        if (refreshed) return this.#use(refreshed);
      }
      if (means === 'refresh-alone') throw new CommandError('the sign-in has ended');
      return this.#signIn(this.#store.read(), challenge, kept?.scope).catch((error: unknown) => {
        // Perhaps the server knows the client no more, which it tells nobody but the browser.
        if (error instanceof UnansweredError) this.#store.remove();
        throw error;
      });
    });
  }

  /** A token with the scopes that the endpoint asked for besides those it has; undefined when asking for them came to nothing before. */
  widen(used: Secret | undefined, challenge: Challenge): Promise<Secret | undefined> {
    return this.#exclusively(async (kept) => {
      const isHeld = !isStrictScopeSuperset(challenge.scope, kept?.scope);
      if (kept && kept.accessToken !== used?.reveal() && isHeld) return this.#use(kept);
      if (isHeld || !isStrictScopeSuperset(challenge.scope, this.#asked)) return undefined;
      return this.#signIn(kept, challenge, computeScopeUnion(kept?.scope, this.#asked));
    });
  }

  /** The endpoint refused a token that was just signed in for. */
  reject(error: Error): Error {
    this.#failure = { at: Date.now(), error };
    return error;
  }

  /** One at a time in this process and among all; each looks first at what the one before left. */
  #exclusively<T>(work: (kept: KeptSession | undefined) => Promise<T>): Promise<T> {
    const wait = () => this.#options.report('Another gatehouse connect is signing in or refreshing; waiting for it.');
    const done = this.#queue.then(() => withLock(`${this.#store.path}.lock`, this.#signal, wait, () => work(this.#store.read())));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** @returns undefined when the refresh token is good for nothing any more @throws CommandError when nobody can tell now */
  async #refresh(kept: KeptSession, refreshToken: string, challenge: Challenge): Promise<KeptSession | undefined> {
    const place = await this.#discover(challenge);
    // A token of one server is never shown to another.
    if (place.issuer !== kept.issuer) return undefined;
    const client = this.#clientOf(kept);
    try {
      const tokens = await refreshAuthorization(place.issuer, {
        metadata: place.metadata,
        clientInformation: { client_id: client.id },
        refreshToken,
        ...(place.resource === undefined ? {} : { resource: place.resource }),
        addClientAuthentication: authenticateClient(client),
        fetchFn: this.#options.fetch,
      });
      return this.#keep({ issuer: place.issuer, client: kept.client, scope: kept.scope }, tokens);
    } catch (error) {
      if (!(error instanceof OAuthError) || UNAVAILABLE.includes(error.code)) throw toTokenFailure(place.issuer, error);
      if (error.code === 'invalid_client') this.#forgetClient(place);
      return undefined;
    }
  }

  /** @param besides scopes to ask for besides those of the challenge */
  async #signIn(kept: KeptSession | undefined, challenge: Challenge, besides: string | undefined): Promise<Secret> {
    if (this.#failure && Date.now() - this.#failure.at < COOL_DOWN_MS) throw this.#failure.error;
    try {
      const place = (this.#place = await this.#look(challenge));
      const scope = withRefresh(computeScopeUnion(place.scope, besides), place);
      this.#asked = computeScopeUnion(this.#asked, scope);
      const known = kept?.issuer === place.issuer ? kept.client : undefined;
      const { client, tokens } = await signIn(place, scope, known, this.#options, this.#signal);
      const stored = this.#options.client.kind === 'static' ? { id: client.id } : client;
      return this.#use(this.#keep({ issuer: place.issuer, client: stored, scope }, tokens));
    } catch (error) {
      throw this.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #discover(challenge: Challenge): Promise<SignInPlace> {
    return (this.#place ??= await this.#look(challenge));
  }

  async #look(challenge: Challenge): Promise<SignInPlace> {
    const place = await discover(this.#endpoint, challenge, this.#options.fetch);
    return this.#options.omitsResource ? { ...place, resource: undefined } : place;
  }

  /** @throws CommandError for a client that is not ours to register again */
  #forgetClient({ issuer }: SignInPlace): void {
    if (this.#options.client.kind !== 'dynamic') throw new CommandError(`${issuer} refuses the client: see --client-id, --client-secret and --client-metadata-url`);
    this.#store.remove();
  }

  /** A secret from the command line is not in the store. */
  #clientOf({ client }: KeptSession): KnownClient {
    const { client: choice } = this.#options;
    return choice.kind === 'static' ? { id: choice.id, secret: choice.secret?.reveal() } : client;
  }

  /** Stored before anybody uses it: a server that rotates has spent the refresh token before. */
  #keep({ issuer, client, scope }: Pick<KeptSession, 'issuer' | 'client' | 'scope'>, tokens: OAuthTokens): KeptSession {
    const obtainedAt = Date.now();
    const session: KeptSession = {
      url: this.#endpoint.href,
      issuer,
      client,
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      scope: tokens.scope ?? scope,
      obtainedAt,
      expiresAt: tokens.expires_in === undefined ? undefined : obtainedAt + tokens.expires_in * 1_000,
    };
    this.#store.write(session);
    return session;
  }

  #use(session: KeptSession): Secret {
    this.#kept = session;
    return new Secret(session.accessToken);
  }
}

/** A refresh token is given for `offline_access` where the server knows that scope. */
function withRefresh(scope: string | undefined, { metadata }: SignInPlace): string | undefined {
  return metadata.scopes_supported?.includes('offline_access') ? computeScopeUnion(scope, 'offline_access') : scope;
}

function isEnding({ obtainedAt, expiresAt }: KeptSession): boolean {
  if (expiresAt === undefined) return false;
  return Date.now() > expiresAt - Math.min(AHEAD_MS, (expiresAt - obtainedAt) / 5);
}
