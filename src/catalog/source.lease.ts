import type { ApiSettings } from '../config/configuration.schema.js';
import type { Tenant } from '../context/tenant.js';
import type { TenantDatabase } from '../tenancy/tenant.database.js';
import type { Validators } from './document.fetch.js';

/** Longer than a fetch and an import take; a replica that dies in between is followed by another after this. */
const LEASE_SECONDS = 120;

/** The right to look at a source now, for one replica; the token fences off one that comes back too late. */
export interface SourceLease {
  readonly token: string;
  readonly validators: Validators;
}

/** What is looked at again and again: an API's document at an address, or an MCP server. */
export interface WatchedSource {
  readonly name: string;
  readonly url: string;
  /** Milliseconds between two looks. */
  readonly refresh: number;
}

/** Notes what an apply read at an address, so that the first refresh is due one interval later. */
export async function recordSource(database: TenantDatabase, tenant: Tenant, { name, openapi, refresh }: Pick<ApiSettings, 'name' | 'openapi' | 'refresh'>, { etag, lastModified }: Validators): Promise<void> {
  await database.withTenant(tenant, async (manager) => {
    if (refresh === undefined) {
      await manager.query('DELETE FROM api_sources WHERE api = $1', [name]);
      return;
    }
    await manager.query(
      `INSERT INTO api_sources (tenant_id, api, url, etag, last_modified, checked_at) VALUES ($1, $2, $3, $4, $5, now())
       ON CONFLICT (api) DO UPDATE SET url = excluded.url, etag = excluded.etag, last_modified = excluded.last_modified, checked_at = now(), failure = NULL,
         lease_token = api_sources.lease_token + 1, lease_expires_at = NULL`,
      [tenant.id, name, openapi, etag ?? null, lastModified ?? null],
    );
  });
}

/** Notes a server, so that the next replica that looks finds it due. */
export async function recordServer(database: TenantDatabase, tenant: Tenant, { name, url }: Pick<WatchedSource, 'name' | 'url'>): Promise<void> {
  await database.withTenant(tenant, (manager) =>
    manager.query(
      `INSERT INTO api_sources (tenant_id, api, url) VALUES ($1, $2, $3)
       ON CONFLICT (api) DO UPDATE SET url = excluded.url, etag = NULL, last_modified = NULL, checked_at = NULL, failure = NULL,
         lease_token = api_sources.lease_token + 1, lease_expires_at = NULL`,
      [tenant.id, name, url],
    ),
  );
}

/** Takes the lease when the source is due and nobody else holds it. @param owner UUID of this process */
export async function takeLease(database: TenantDatabase, tenant: Tenant, { name, url, refresh }: WatchedSource, owner: string): Promise<SourceLease | undefined> {
  const rows = await database.withTenant(tenant, (manager) =>
    manager.query<[{ token: string; etag: string | null; lastModified: string | null }[], number]>(
      `UPDATE api_sources SET lease_owner = $3, lease_token = lease_token + 1, lease_expires_at = now() + make_interval(secs => $4)
       WHERE api = $1 AND url = $2 AND (lease_expires_at IS NULL OR lease_expires_at < now())
         AND (checked_at IS NULL OR checked_at + make_interval(secs => $5) <= now())
       RETURNING lease_token AS token, etag, last_modified AS "lastModified"`,
      [name, url, owner, LEASE_SECONDS, refresh / 1_000],
    ),
  );
  const [row] = rows[0];
  if (!row) return undefined;
  return { token: row.token, validators: { ...(row.etag === null ? {} : { etag: row.etag }), ...(row.lastModified === null ? {} : { lastModified: row.lastModified }) } };
}

/** Gives the lease back with what was found; false when another replica has taken it over meanwhile. */
export async function returnLease(database: TenantDatabase, tenant: Tenant, api: string, { token, validators }: SourceLease, failure: string | null): Promise<boolean> {
  const [, count] = await database.withTenant(tenant, (manager) =>
    manager.query<[unknown[], number]>(
      `UPDATE api_sources SET checked_at = now(), failure = $3, etag = $4, last_modified = $5, lease_expires_at = NULL WHERE api = $1 AND lease_token = $2`,
      [api, token, failure, validators.etag ?? null, validators.lastModified ?? null],
    ),
  );
  return count === 1;
}
