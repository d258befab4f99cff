import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Caller } from '../../context/caller.js';
import type { Tenant } from '../../context/tenant.js';
import { bump } from '../../database/change-feed.js';
import { onDatabase } from '../../database/database.error.js';
import { TenantDatabase } from '../../tenancy/tenant.database.js';
import type { Sealed } from './data-keys.js';

/** Topic that moves when what a user connected is changed or ended by somebody, not by a refresh. */
export const connectionsTopic = 'connections';

/** Whose connection, of which name. */
export interface ConnectionKey extends Pick<Caller, 'issuer' | 'subject'> {
  readonly name: string;
}

/** A row, as far as it is read. */
export interface StoredConnection extends Sealed {
  /** Who gave it out (connection-habits.ts). */
  readonly issuedBy: string;
  readonly state: 'connected' | 'lost';
  /** Another one with every change of what is sealed. */
  readonly version: string;
  readonly scopes: readonly string[] | null;
  readonly expiresAt: Date | null;
  readonly connectedAt: Date;
  readonly lastUsedAt: Date | null;
}

/** Milliseconds until its token ends; Infinity where the server does not say. */
export const timeLeft = ({ expiresAt }: Pick<StoredConnection, 'expiresAt'>): number => (expiresAt === null ? Infinity : expiresAt.getTime() - Date.now());

/** What a connection becomes. */
export interface NewContent extends Sealed {
  readonly scopes: readonly string[] | null;
  readonly expiresAt: Date | null;
}

const COLUMNS = `issued_by AS "issuedBy", state, data_key AS "dataKey", sealed, version, scopes, expires_at AS "expiresAt", connected_at AS "connectedAt", last_used_at AS "lastUsedAt"`;
const MINE = 'name = $1 AND issuer = $2 AND subject = $3';
const keyOf = ({ name, issuer, subject }: ConnectionKey): string[] => [name, issuer, subject];

/** The rows of what users connected. */
@Injectable()
export class ConnectionStore {
  constructor(
    private readonly source: DataSource,
    private readonly database: TenantDatabase,
  ) {}

  async find(tenant: Tenant, key: ConnectionKey): Promise<StoredConnection | undefined> {
    const [row] = await this.database.withTenant(tenant, (manager) => manager.query<StoredConnection[]>(`SELECT ${COLUMNS} FROM connections WHERE ${MINE}`, keyOf(key)));
    return row;
  }

  /** The same for a call, which is noted as a use. */
  async use(tenant: Tenant, key: ConnectionKey): Promise<StoredConnection | undefined> {
    const [[row]] = await this.database.withTenant(tenant, (manager) =>
      manager.query<[StoredConnection[], number]>(`UPDATE connections SET last_used_at = now() WHERE ${MINE} RETURNING ${COLUMNS}`, keyOf(key)),
    );
    return row;
  }

  async listOf(tenant: Tenant, { issuer, subject }: Pick<Caller, 'issuer' | 'subject'>): Promise<readonly (StoredConnection & { readonly name: string })[]> {
    return this.database.withTenant(tenant, (manager) => manager.query(`SELECT name, ${COLUMNS} FROM connections WHERE issuer = $1 AND subject = $2`, [issuer, subject]));
  }

  /** Of everybody in the tenant, for an administrator. */
  async listAll(tenant: Tenant): Promise<readonly (StoredConnection & ConnectionKey)[]> {
    return this.database.withTenant(tenant, (manager) => manager.query(`SELECT name, issuer, subject, ${COLUMNS} FROM connections ORDER BY name, subject`));
  }

  /**
   * What the user just connected, in place of whatever was there.
   * @param by who gave it out (`issuedBy`)
   */
  async save(tenant: Tenant, key: ConnectionKey, by: string, { dataKey, sealed, scopes, expiresAt }: NewContent): Promise<void> {
    await this.database.withTenant(tenant, (manager) =>
      manager.query(
        `INSERT INTO connections (tenant_id, name, issuer, subject, issued_by, state, data_key, sealed, scopes, expires_at) VALUES ($4, $1, $2, $3, $9, 'connected', $5, $6, $7, $8)
         ON CONFLICT (name, issuer, subject) DO UPDATE SET issued_by = excluded.issued_by, state = 'connected', data_key = excluded.data_key, sealed = excluded.sealed, scopes = excluded.scopes, expires_at = excluded.expires_at,
           version = gen_random_uuid(), connected_at = now(), lease_expires_at = NULL, sent_at = NULL`,
        [...keyOf(key), tenant.id, dataKey, sealed, scopes, expiresAt, by],
      ),
    );
    await this.tell();
  }

  /** @returns what was kept; undefined when there was nothing */
  async remove(tenant: Tenant, key: ConnectionKey): Promise<StoredConnection | undefined> {
    const [[row]] = await this.database.withTenant(tenant, (manager) =>
      manager.query<[StoredConnection[], number]>(`DELETE FROM connections WHERE ${MINE} RETURNING ${COLUMNS}`, keyOf(key)),
    );
    if (row) await this.tell();
    return row;
  }

  /** Notes that nobody takes this version any more. */
  async markLost(tenant: Tenant, key: ConnectionKey, version: string): Promise<void> {
    await this.database.withTenant(tenant, (manager) =>
      manager.query(`UPDATE connections SET state = 'lost', lease_expires_at = NULL, sent_at = NULL WHERE ${MINE} AND version = $4`, [...keyOf(key), version]),
    );
  }

  /** Every replica forgets what it holds in memory. */
  async tell(): Promise<void> {
    await onDatabase(() => bump(this.source, connectionsTopic));
  }
}
