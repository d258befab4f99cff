import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { ConnectionOf, ConnectionSettings } from '../../config/connection.schema.js';
import type { CallContext } from '../../context/call-context.js';
import { ChangeFeed } from '../../database/change-feed.js';
import { ConnectionRequiredError } from '../../errors/connection-required.error.js';
import type { ConnectedAccount, UserConnections, UserSecret } from '../../token-exchange/credential.strategy.js';
import { AccountLoader, type LoadedAccount, type LoadedSecret } from './account.loader.js';
import { ConnectLinks } from './connect-links.js';
import { LostConnectionError } from './lost-connection.error.js';
import { connectionsTopic, type ConnectionKey } from './connection.store.js';

const LARGEST = 20_000;
/** Longest that a replica does not look again. */
const LONGEST_MS = 5 * 60_000;
/** For how long a version that an API refused is not tried again. */
const REFUSED_MS = 60_000;

interface Held<T> {
  readonly value: Promise<T>;
  /** Monotonic milliseconds; Infinity while it is being loaded. */
  dropAt: number;
}

/**
 * What users connected, for their calls: in memory for a while, loaded once at a time for each connection, and forgotten on every
 * replica when its user or an administrator changes it.
 */
@Injectable()
export class ConnectedAccounts implements UserConnections, OnModuleInit {
  #held = new Map<string, Held<LoadedAccount | LoadedSecret>>();
  /** Versions that an API answered with 401, and until when that is remembered. */
  readonly #refused = new Map<string, { readonly version: string; readonly until: number }>();

  constructor(
    private readonly loader: AccountLoader,
    private readonly links: ConnectLinks,
    private readonly feed: ChangeFeed,
  ) {}

  onModuleInit(): void {
    this.feed.on(connectionsTopic, () => this.forget());
  }

  /** With a new map, so that what is being loaded is kept by nobody: it was read before the change. */
  forget(): void {
    this.#held = new Map();
  }

  async account(call: CallContext, connection: ConnectionOf<'oauth'>): Promise<ConnectedAccount> {
    return this.#obtain(call, connection, (key, refused) => this.loader.account(call.tenant, connection, key, refused));
  }

  async secret(call: CallContext, connection: ConnectionOf<'secret'>): Promise<UserSecret> {
    return this.#obtain(call, connection, (key, refused) => this.loader.secret(call.tenant, key, refused));
  }

  async #obtain<T extends LoadedAccount | LoadedSecret>(call: CallContext, connection: ConnectionSettings, load: (key: ConnectionKey, refused: string | undefined) => Promise<T>): Promise<T & { readonly evict: () => void }> {
    const { issuer, subject } = call.caller;
    const key = { name: connection.name, issuer, subject };
    const id = JSON.stringify([call.tenant.id, connection.name, issuer, subject]);
    try {
      // A connection's type never changes under its name, so what is held under the id is what `load` makes.
      const value = (await this.#find(id, () => load(key, this.#refusedVersion(id)))) as T;
      return { ...value, evict: () => this.#refuse(id, value.version) };
    } catch (error) {
      if (!(error instanceof LostConnectionError)) throw error;
      const title = connection.title ?? connection.name;
      throw new ConnectionRequiredError(describeNeed(title, connection.type, error.wasConnected), await this.links.create(call, connection.name));
    }
  }

  /** One load at a time for the same connection; what it throws is not kept. */
  #find(id: string, load: () => Promise<LoadedAccount | LoadedSecret>): Promise<LoadedAccount | LoadedSecret> {
    const known = this.#held.get(id);
    if (known && performance.now() < known.dropAt) return known.value;
    const all = this.#held;
    if (all.size >= LARGEST) {
      const [oldest] = all.keys();
      if (oldest !== undefined) all.delete(oldest);
    }
    const value = load();
    const held: Held<LoadedAccount | LoadedSecret> = { value, dropAt: Infinity };
    all.delete(id);
    all.set(id, held);
    value.then(
      ({ goodFor }) => {
        held.dropAt = performance.now() + Math.min(goodFor, LONGEST_MS);
      },
      () => {
        if (all.get(id) === held) all.delete(id);
      },
    );
    return value;
  }

  #refusedVersion(id: string): string | undefined {
    const refused = this.#refused.get(id);
    if (!refused) return undefined;
    if (performance.now() < refused.until) return refused.version;
    this.#refused.delete(id);
    return undefined;
  }

  /** A version that came out of a refusal and is refused as well is kept: the API refuses something else. */
  #refuse(id: string, version: string): void {
    const before = this.#refusedVersion(id);
    if (before !== undefined && before !== version) return;
    if (this.#refused.size >= LARGEST) this.#refused.clear();
    this.#refused.set(id, { version, until: performance.now() + REFUSED_MS });
    this.#held.delete(id);
  }
}

function describeNeed(title: string, type: ConnectionSettings['type'], wasConnected: boolean): string {
  if (type === 'secret') return wasConnected ? `"${title}" is not accepted any more: save it again` : `this tool needs your own key or password for "${title}"`;
  return wasConnected ? `your account "${title}" has to be connected again: the access it gave has ended` : `this tool needs your account "${title}" to be connected`;
}
