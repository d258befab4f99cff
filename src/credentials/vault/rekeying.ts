import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Tenant } from '../../context/tenant.js';
import { bump } from '../../database/change-feed.js';
import { onDatabase } from '../../database/database.error.js';
import { TenantDatabase } from '../../tenancy/tenant.database.js';
import { authorizationContext } from './authorizations.js';
import { connectionContext } from './connection.content.js';
import type { ConnectionKey } from './connection.store.js';
import { DataKeys, vaultTopic, type Sealed } from './data-keys.js';

const BATCH = 200;
/** Keys that were made before $1. What a later rekey made is left to it: two of them would else move rows to and fro. */
const OLDER = '(SELECT id FROM data_keys WHERE (created_at, id) < (SELECT created_at, id FROM data_keys WHERE id = $1))';
/** Longer than replicas take to hear of a change: until then they seal with the key before. */
const HEARD_MS = 3_000;

/** What a tenant's rows are sealed with. */
export interface DataKeyUse {
  readonly id: string;
  /** Id of the key of `vault.keys` that wraps it. */
  readonly wrappedBy: string;
  readonly createdAt: Date;
  readonly connections: number;
}

/** Moves a tenant's rows to a new data key, wrapped by the first key of `vault.keys`, while replicas read and write them. */
@Injectable()
export class Rekeying {
  constructor(
    private readonly source: DataSource,
    private readonly database: TenantDatabase,
    private readonly keys: DataKeys,
  ) {}

  /** @returns the number of rows that were sealed anew; afterwards no other key is needed for them */
  async rekey(tenant: Tenant): Promise<number> {
    const newest = await this.keys.renew(tenant);
    await onDatabase(() => bump(this.source, vaultTopic));
    let moved = await this.#moveAll(tenant, newest);
    await sleep(HEARD_MS);
    moved += await this.#moveAll(tenant, newest);
    await this.database.withTenant(tenant, (manager) =>
      manager.query(
        `DELETE FROM data_keys k WHERE id IN ${OLDER}
           AND NOT EXISTS (SELECT FROM connections c WHERE c.data_key = k.id) AND NOT EXISTS (SELECT FROM authorizations a WHERE a.data_key = k.id)`,
        [newest],
      ),
    );
    return moved;
  }

  async uses(tenant: Tenant): Promise<readonly DataKeyUse[]> {
    return this.database.withTenant(tenant, (manager) =>
      manager.query(
        `SELECT id, wrapped_by AS "wrappedBy", created_at AS "createdAt", (SELECT count(*)::int FROM connections c WHERE c.data_key = k.id) AS connections
         FROM data_keys k ORDER BY created_at DESC`,
      ),
    );
  }

  async #moveAll(tenant: Tenant, newest: string): Promise<number> {
    let moved = 0;
    for (let batch = -1; batch !== 0; moved += batch) batch = (await this.#moveConnections(tenant, newest)) + (await this.#moveAuthorizations(tenant, newest));
    return moved;
  }

  /** A row that a refresh changes meanwhile is left to the next round: the version says so. */
  async #moveConnections(tenant: Tenant, newest: string): Promise<number> {
    const rows = await this.database.withTenant(tenant, (manager) =>
      manager.query<(ConnectionKey & Sealed & { version: string })[]>(
        `SELECT name, issuer, subject, version, data_key AS "dataKey", sealed FROM connections WHERE data_key IN ${OLDER} LIMIT ${BATCH}`,
        [newest],
      ),
    );
    const sealed = await Promise.all(rows.map((row) => this.#sealAnew(tenant, row, connectionContext(row))));
    await this.database.withTenant(tenant, async (manager) => {
      for (const [index, { name, issuer, subject, version }] of rows.entries()) {
        const content = sealed[index];
        await manager.query('UPDATE connections SET data_key = $5, sealed = $6 WHERE name = $1 AND issuer = $2 AND subject = $3 AND version = $4', [name, issuer, subject, version, content?.dataKey, content?.sealed]);
      }
    });
    return rows.length;
  }

  async #moveAuthorizations(tenant: Tenant, newest: string): Promise<number> {
    const rows = await this.database.withTenant(tenant, async (manager) => {
      await manager.query('DELETE FROM authorizations WHERE expires_at < now()');
      return manager.query<(Sealed & { stateHash: Buffer })[]>(`SELECT state_hash AS "stateHash", data_key AS "dataKey", sealed_verifier AS sealed FROM authorizations WHERE data_key IN ${OLDER} LIMIT ${BATCH}`, [newest]);
    });
    const sealed = await Promise.all(rows.map((row) => this.#sealAnew(tenant, row, authorizationContext(row.stateHash))));
    await this.database.withTenant(tenant, async (manager) => {
      for (const [index, { stateHash }] of rows.entries()) {
        const content = sealed[index];
        await manager.query('UPDATE authorizations SET data_key = $2, sealed_verifier = $3 WHERE state_hash = $1', [stateHash, content?.dataKey, content?.sealed]);
      }
    });
    return rows.length;
  }

  async #sealAnew(tenant: Tenant, row: Sealed, context: readonly string[]): Promise<Sealed> {
    return this.keys.seal(tenant, await this.keys.open(tenant, row, context), context);
  }
}
