import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Tenant } from '../../context/tenant.js';
import { TenantDatabase } from '../../tenancy/tenant.database.js';
import type { ConnectionKey, NewContent } from './connection.store.js';

/** Longer than a token endpoint and the storing of its answer take; a replica that dies in between is followed by another after this. */
const LEASE_SECONDS = 30;

/** The right to refresh one version of a connection, for one replica. */
export interface RefreshLease {
  readonly token: string;
  readonly version: string;
  /** A process before this one was sending the refresh token, and never said what came of it. */
  readonly wasSent: boolean;
}

/** One refresh at a time for each connection, whichever replica does it: a row with owner, fencing token and expiry. */
@Injectable()
export class RefreshLeases {
  readonly #owner = randomUUID();

  constructor(private readonly database: TenantDatabase) {}

  /** @returns undefined when another replica holds the lease, or the version is no longer the newest */
  async take(tenant: Tenant, { name, issuer, subject }: ConnectionKey, version: string): Promise<RefreshLease | undefined> {
    const [[row]] = await this.database.withTenant(tenant, (manager) =>
      manager.query<[{ token: string; wasSent: boolean }[], number]>(
        `UPDATE connections c SET lease_owner = $5, lease_token = c.lease_token + 1, lease_expires_at = now() + make_interval(secs => $6)
         FROM (SELECT name, issuer, subject, sent_at FROM connections
               WHERE name = $1 AND issuer = $2 AND subject = $3 AND version = $4 AND state = 'connected' AND (lease_expires_at IS NULL OR lease_expires_at < now())
               FOR UPDATE) before
         WHERE c.name = before.name AND c.issuer = before.issuer AND c.subject = before.subject
         RETURNING c.lease_token AS token, before.sent_at IS NOT NULL AS "wasSent"`,
        [name, issuer, subject, version, this.#owner, LEASE_SECONDS],
      ),
    );
    return row && { ...row, version };
  }

  /**
   * From here on the refresh token counts as sent: its first byte must follow at once.
   * @throws Error when the lease went to another replica meanwhile, or the connection was changed
   */
  async noteSending(tenant: Tenant, { name, issuer, subject }: ConnectionKey, { token, version }: RefreshLease): Promise<void> {
    const [, noted] = await this.database.withTenant(tenant, (manager) =>
      manager.query<[unknown, number]>(`UPDATE connections SET sent_at = now() WHERE name = $1 AND issuer = $2 AND subject = $3 AND lease_token = $4 AND version = $5 AND state = 'connected'`, [name, issuer, subject, token, version]),
    );
    if (noted === 0) throw new Error('another refresh, or a change of the connection, came first');
  }

  /** Gives the lease back: the refresh token may be sent again. */
  async giveBack(tenant: Tenant, { name, issuer, subject }: ConnectionKey, { token, version }: RefreshLease): Promise<void> {
    await this.database.withTenant(tenant, (manager) =>
      manager.query('UPDATE connections SET lease_expires_at = NULL, sent_at = NULL WHERE name = $1 AND issuer = $2 AND subject = $3 AND lease_token = $4 AND version = $5', [name, issuer, subject, token, version]),
    );
  }

  /**
   * Stores what a refresh brought. The version alone decides: whoever came too late for the lease still holds the only pair that is
   * good, unless somebody else got another one.
   * @returns the new version; undefined when the connection was changed or ended meanwhile
   */
  async store(tenant: Tenant, { name, issuer, subject }: ConnectionKey, { version }: RefreshLease, { dataKey, sealed, scopes, expiresAt }: NewContent): Promise<string | undefined> {
    const [[row]] = await this.database.withTenant(tenant, (manager) =>
      manager.query<[{ version: string }[], number]>(
        `UPDATE connections SET state = 'connected', version = gen_random_uuid(), data_key = $5, sealed = $6, scopes = $7, expires_at = $8, lease_expires_at = NULL, sent_at = NULL
         WHERE name = $1 AND issuer = $2 AND subject = $3 AND version = $4 RETURNING version`,
        [name, issuer, subject, version, dataKey, sealed, scopes, expiresAt],
      ),
    );
    return row?.version;
  }
}
