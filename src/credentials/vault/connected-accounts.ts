import { Injectable, type OnModuleInit } from '@nestjs/common';
import { issuedBy } from '../../config/connection-habits.js';
import type { ConnectionOf, ConnectionSettings } from '../../config/connection.schema.js';
import type { CallContext } from '../../context/call-context.js';
import { ChangeFeed } from '../../database/change-feed.js';
import { ConnectionRequiredError } from '../../errors/connection-required.error.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { ConnectedAccount, UserConnections, UserSecret } from '../../token-exchange/credential.strategy.js';
import { HeldValues } from '../held-values.js';
import { AccountLoader, type LoadedAccount, type LoadedSecret } from './account.loader.js';
import { ConnectLinks } from './connect-links.js';
import { LostConnectionError } from './lost-connection.error.js';
import { connectionsTopic, type ConnectionKey } from './connection.store.js';

const NOT_ASKED = { code: 'exchange_scope', status: 502 };

/** For how long a version that an API refused is not tried again, in milliseconds. */
const REFUSED_MS = 60_000;
const MOST_REFUSED = 10_000;

/**
 * What users connected, for their calls: in memory for a while, loaded once at a time for each connection, and forgotten on every
 * replica when its user or an administrator changes it.
 */
@Injectable()
export class ConnectedAccounts implements UserConnections, OnModuleInit {
  readonly #held = new HeldValues<LoadedAccount | LoadedSecret>();
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

  forget(): void {
    this.#held.clear();
  }

  async account(call: CallContext, connection: ConnectionOf<'oauth'>): Promise<ConnectedAccount> {
    const account = await this.#obtain(call, connection, (key, refused) => this.loader.account(call.tenant, connection, key, refused));
    return { ...account, explainLack: (lacking) => this.#explainLack(call, connection, lacking) };
  }

  async secret(call: CallContext, connection: ConnectionOf<'secret'>): Promise<UserSecret> {
    return this.#obtain(call, connection, (key, refused) => this.loader.secret(call.tenant, connection, key, refused));
  }

  async #obtain<T extends LoadedAccount | LoadedSecret>(call: CallContext, connection: ConnectionSettings, load: (key: ConnectionKey, refused: string | undefined) => Promise<T>): Promise<T & { readonly evict: () => void }> {
    const { issuer, subject } = call.caller;
    const key = { name: connection.name, issuer, subject };
    const id = JSON.stringify([call.tenant.id, connection.name, issuedBy(connection), issuer, subject]);
    try {
      // The id says of which type it is, so what is held under it is what `load` makes.
      const value = (await this.#held.obtain(id, () => load(key, this.#refusedVersion(id)))) as T;
      return { ...value, evict: () => this.#refuse(id, value.version) };
    } catch (error) {
      if (!(error instanceof LostConnectionError)) throw error;
      const title = connection.title ?? connection.name;
      throw new ConnectionRequiredError(describeNeed(title, connection.type, error.wasConnected), await this.links.create(call, connection.name));
    }
  }

  async #explainLack(call: CallContext, { name, title = name, scopes }: ConnectionOf<'oauth'>, lacking: readonly string[]): Promise<Error> {
    const fault = `your account "${title}" was connected without ${lacking.join(' ')}, which this tool needs`;
    if (!lacking.every((scope) => scopes.includes(scope))) return new GatewayError(NOT_ASKED, `${fault}: the operator has to add it to the scopes of connection "${name}"`);
    return new ConnectionRequiredError(`${fault}: connect it again and allow it`, await this.links.create(call, name));
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
    if (this.#refused.size >= MOST_REFUSED) this.#refused.clear();
    this.#refused.set(id, { version, until: performance.now() + REFUSED_MS });
    this.#held.forget(id);
  }
}

function describeNeed(title: string, type: ConnectionSettings['type'], wasConnected: boolean): string {
  if (type === 'secret') return wasConnected ? `"${title}" is not accepted any more: save it again` : `this tool needs your own key or password for "${title}"`;
  return wasConnected ? `your account "${title}" has to be connected again: the access it gave has ended` : `this tool needs your account "${title}" to be connected`;
}
