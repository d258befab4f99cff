import { setTimeout as sleep } from 'node:timers/promises';
import { TokenGrantError, type GrantedToken, type Secret } from '@gatehouse-mcp/oauth';
import { Injectable } from '@nestjs/common';
import type { ConnectionOf } from '../../config/connection.schema.js';
import type { Tenant } from '../../context/tenant.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { openAccount, sealAccount } from './connection.content.js';
import { ConnectionServers, type ConnectionServer } from './connection.servers.js';
import { ConnectionStore, timeLeft, type ConnectionKey, type NewContent, type StoredConnection } from './connection.store.js';
import { DataKeys } from './data-keys.js';
import { LostConnectionError } from './lost-connection.error.js';
import { RefreshLeases, type RefreshLease } from './refresh.lease.js';

const UNAVAILABLE = { code: 'connection_unavailable', status: 503 };
const REFUSED = { code: 'connection_client_refused', status: 502 };

/** Longest that a call waits for another replica's refresh. */
const LONGEST_WAIT_MS = 15_000;
const LOOK_AGAIN_MS = 100;
/** Longest that new tokens wait for a database that does not answer. */
const LONGEST_STORING_MS = 10_000;

/** Codes that say something of our client and nothing of the user's grant. */
const CLIENT_CODES = new Set(['invalid_client', 'incorrect_client_credentials']);
/** Codes of a server that cannot answer now. */
const PASSING_CODES = new Set(['unreachable', 'temporarily_unavailable', 'server_error', 'slow_down', 'too_many_requests', 'rate_limit_exceeded']);

/** Ours, for an answer that is of no use (TokenGrantError). */
const OUR_CODES = new Set(['invalid_response', 'wrong_token_type', 'wrong_issued_token_type', 'expired_token']);

/** A connection that is to be refreshed, as it was read. */
interface Due {
  readonly tenant: Tenant;
  readonly connection: ConnectionOf<'oauth'>;
  readonly key: ConnectionKey;
  readonly row: StoredConnection;
  /** An API answered 401 to its token, so that it is of no use however long it lives. */
  readonly isRefused: boolean;
}

/** Refreshes an account's tokens: one replica at a time, each one-time token sent once, the new pair stored before it is used. */
@Injectable()
export class AccountRefresher {
  constructor(
    private readonly servers: ConnectionServers,
    private readonly store: ConnectionStore,
    private readonly keys: DataKeys,
    private readonly leases: RefreshLeases,
  ) {}

  /**
   * @returns the row to use: a new version, or the old one while it is good and cannot be refreshed
   * @throws LostConnectionError when the user has to connect again, GatewayError when it cannot be had now
   */
  async refresh(due: Due): Promise<StoredConnection> {
    const giveUpAt = performance.now() + LONGEST_WAIT_MS;
    for (;;) {
      const row = await this.#attempt(due);
      if (row) return row;
      if (performance.now() > giveUpAt) throw new GatewayError(UNAVAILABLE, `${describe(due)} is being refreshed by another replica; try again in a moment`);
      await sleep(LOOK_AGAIN_MS * (1 + Math.random()));
      const seen = await this.store.find(due.tenant, due.key);
      if (seen?.state !== 'connected' || seen.issuedBy !== due.row.issuedBy) throw new LostConnectionError(seen !== undefined);
      if (seen.version !== due.row.version) return seen;
    }
  }

  /** @returns undefined while another replica is at it */
  async #attempt(due: Due): Promise<StoredConnection | undefined> {
    const { tenant, key, row, connection } = due;
    const { refreshToken } = await openAccount(this.keys, tenant, key, row);
    if (!refreshToken) return isUsable(due) ? row : this.#giveUp(due);
    const server = await this.#serverOf(due);
    if (!server) return row;
    const lease = await this.leases.take(tenant, key, row.version);
    if (!lease) return isUsable(due) ? row : undefined;
    // It may have arrived: a server that sees a one-time token twice ends the whole grant.
    if (lease.wasSent && server.rotates) return this.#giveUp(due);
    let token: GrantedToken;
    try {
      const beforeSending = () => this.leases.noteSending(tenant, key, lease);
      token = await this.servers.refresh(server, { refreshToken, scopes: row.scopes ?? connection.scopes, beforeSending });
    } catch (error) {
      return this.#settleFailure(due, lease, error);
    }
    return this.#keep(due, lease, server, token, refreshToken);
  }

  /** @returns undefined while it cannot be found and the token serves on */
  async #serverOf(due: Due): Promise<ConnectionServer | undefined> {
    try {
      return await this.servers.of(due.connection);
    } catch (error) {
      if (isUsable(due)) return undefined;
      throw error;
    }
  }

  async #keep(due: Due, lease: RefreshLease, server: ConnectionServer, token: GrantedToken, before: Secret): Promise<StoredConnection> {
    const { tenant, key, row } = due;
    const content = await sealAccount(this.keys, tenant, key, token, server.scopeReported ? token.scopes : row.scopes, before);
    const version = await this.#store(due, lease, content);
    if (version !== undefined) return { ...row, ...content, version };
    const seen = await this.store.find(tenant, key);
    if (seen?.state === 'connected' && seen.issuedBy === row.issuedBy) return seen;
    // Its user ended the connection meanwhile, and did not know of this pair.
    if (!seen) await this.servers.revoke(server, { accessToken: token.accessToken, refreshToken: token.refreshToken });
    throw new LostConnectionError(seen !== undefined);
  }

  /** The old pair is gone: the new one is not given up for a database that is away for a moment. */
  async #store({ tenant, key }: Due, lease: RefreshLease, content: NewContent): Promise<string | undefined> {
    const giveUpAt = performance.now() + LONGEST_STORING_MS;
    for (;;) {
      try {
        return await this.leases.store(tenant, key, lease, content);
      } catch (error) {
        if (performance.now() > giveUpAt) throw error;
        await sleep(LOOK_AGAIN_MS);
      }
    }
  }

  async #settleFailure(due: Due, lease: RefreshLease, error: unknown): Promise<StoredConnection> {
    if (isGrantGone(error)) return this.#giveUp(due);
    await this.leases.giveBack(due.tenant, due.key, lease);
    if (isUsable(due)) return due.row;
    if (!(error instanceof TokenGrantError)) throw error;
    const kind = PASSING_CODES.has(error.error) ? UNAVAILABLE : REFUSED;
    throw new GatewayError(kind, `${describe(due)} cannot be refreshed: ${error.message}`, { cause: error });
  }

  async #giveUp({ tenant, key, row }: Due): Promise<never> {
    await this.store.markLost(tenant, key, row.version);
    throw new LostConnectionError(true);
  }
}

/** Servers have codes of their own for a refresh token that is used up or revoked, so any 400 and 401 counts that says nothing else (identity.md). */
function isGrantGone(error: unknown): boolean {
  if (!(error instanceof TokenGrantError) || CLIENT_CODES.has(error.error) || PASSING_CODES.has(error.error)) return false;
  // GitHub refuses with 200 and a code; a 200 that is no token response says nothing of the grant.
  return error.status === 400 || error.status === 401 || (error.status === 200 && !OUR_CODES.has(error.error));
}

const isUsable = ({ row, isRefused }: Due): boolean => !isRefused && timeLeft(row) > 0;
const describe = ({ connection: { title, name } }: Due): string => `your account "${title ?? name}"`;
