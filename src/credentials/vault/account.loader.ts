import type { Secret } from '@gatehouse-mcp/oauth';
import { Injectable } from '@nestjs/common';
import { issuedBy } from '../../config/connection-habits.js';
import type { ConnectionOf, ConnectionSettings } from '../../config/connection.schema.js';
import type { Tenant } from '../../context/tenant.js';
import type { Perishable } from '../held-values.js';
import { AccountRefresher } from './account.refresher.js';
import { openAccount, openSecret } from './connection.content.js';
import { ConnectionStore, timeLeft, type ConnectionKey, type StoredConnection } from './connection.store.js';
import { DataKeys } from './data-keys.js';
import { LostConnectionError } from './lost-connection.error.js';

/** Longest that a replica does not look again, in milliseconds. */
const LONGEST_MS = 5 * 60_000;
/** Milliseconds before its end when a token is refreshed, so that none ends on its way. */
const AHEAD_MS = 60_000;

interface Loaded extends Perishable {
  readonly version: string;
}

export interface LoadedAccount extends Loaded {
  readonly accessToken: Secret;
  readonly scopes: readonly string[] | null;
}

export interface LoadedSecret extends Loaded {
  readonly username: string | undefined;
  readonly secret: Secret;
}

/** Reads what a user connected, and has it refreshed when it is time. Throws LostConnectionError where only the user can help. */
@Injectable()
export class AccountLoader {
  constructor(
    private readonly store: ConnectionStore,
    private readonly keys: DataKeys,
    private readonly refresher: AccountRefresher,
  ) {}

  /** @param refused a version whose token the API did not take */
  async account(tenant: Tenant, connection: ConnectionOf<'oauth'>, key: ConnectionKey, refused: string | undefined): Promise<LoadedAccount> {
    const row = await this.#use(tenant, connection, key);
    const isRefused = row.version === refused;
    if (!isRefused && timeLeft(row) > AHEAD_MS) return this.#open(tenant, key, row);
    const fresh = await this.refresher.refresh({ tenant, connection, key, row, isRefused });
    return this.#open(tenant, key, fresh);
  }

  async secret(tenant: Tenant, connection: ConnectionOf<'secret'>, key: ConnectionKey, refused: string | undefined): Promise<LoadedSecret> {
    const row = await this.#use(tenant, connection, key);
    if (row.version === refused) throw new LostConnectionError(true);
    return { ...(await openSecret(this.keys, tenant, key, row)), version: row.version, goodFor: LONGEST_MS };
  }

  async #use(tenant: Tenant, connection: ConnectionSettings, key: ConnectionKey): Promise<StoredConnection> {
    const row = await this.store.use(tenant, key);
    if (row?.state !== 'connected' || row.issuedBy !== issuedBy(connection)) throw new LostConnectionError(row !== undefined);
    return row;
  }

  async #open(tenant: Tenant, key: ConnectionKey, row: StoredConnection): Promise<LoadedAccount> {
    const { accessToken } = await openAccount(this.keys, tenant, key, row);
    const left = timeLeft(row);
    // One that could not be refreshed yet is used to its end, and looked at again soon.
    return { accessToken, scopes: row.scopes, version: row.version, goodFor: Math.min(LONGEST_MS, left > AHEAD_MS ? left - AHEAD_MS : Math.min(left, 5_000)) };
  }
}
