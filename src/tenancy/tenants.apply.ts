import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { inLockedTransaction, withAdminClient } from '../database/admin-client.js';
import { bump } from '../database/change-feed.js';
import type { DatabaseUrls } from '../database/database-urls.js';
import type { MigrationClass } from '../database/database.options.js';
import { tenantSchemaName } from '../database/identifiers.js';
import { migrateTenant } from '../database/migrate.js';
import { tenantsTopic } from './tenant.registry.js';

type TenantStates = ReadonlyMap<string, 'active' | 'suspended'>;

/**
 * Brings the registry to the configuration: makes what is missing, migrates every tenant, sets the states. A tenant that
 * the configuration no longer names becomes suspended; nothing is ever dropped.
 */
export async function applyTenants(urls: DatabaseUrls, tenants: TenantStates, groups: readonly MigrationClass[] = []): Promise<void> {
  await withAdminClient(urls, async (client) => {
    await insertMissing(client, [...tenants.keys()]);
    const registered = await client.query<{ id: string }>('SELECT id FROM gatehouse.tenants ORDER BY name');
    for (const tenant of registered.rows) await migrateTenant(urls, tenant, groups);
    await inLockedTransaction(client, 'tenants', async () => {
      if (await setStates(client, tenants)) await bump(client, tenantsTopic);
    });
  });
}

/** New tenants start suspended: they are taken up only once their schema stands, so a crash between leaves none half open. */
async function insertMissing(client: Client, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const id = randomUUID();
    const schema = tenantSchemaName(id);
    await client.query(
      `INSERT INTO gatehouse.tenants (id, name, schema_name, role_name, state) VALUES ($1, $2, $3, $3, 'suspended')
       ON CONFLICT (name) DO NOTHING`,
      [id, name, schema],
    );
  }
}

async function setStates(client: Client, tenants: TenantStates): Promise<boolean> {
  const changed = await client.query(
    `UPDATE gatehouse.tenants t SET state = wanted.state, updated_at = now()
     FROM (SELECT r.id, coalesce(c.state, 'suspended') AS state
           FROM gatehouse.tenants r LEFT JOIN unnest($1::text[], $2::text[]) AS c (name, state) ON c.name = r.name) wanted
     WHERE wanted.id = t.id AND wanted.state <> t.state`,
    [[...tenants.keys()], [...tenants.values()]],
  );
  return (changed.rowCount ?? 0) > 0;
}
