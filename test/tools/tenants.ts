import type { Tenant } from '../../src/context/tenant.js';
import type { DatabaseUrls } from '../../src/database/database-urls.js';
import { openDataSource } from '../../src/database/database.module.js';
import { migrateControl } from '../../src/database/migrate.js';
import { TenantEntity } from '../../src/tenancy/tenant.entity.js';
import { applyTenants } from '../../src/tenancy/tenants.apply.js';
import type { DataSource } from 'typeorm';

/** Migrates the control schema and makes these tenants, all active; the pool is the runtime's own. */
export async function setUpTenants<Name extends string>(
  urls: DatabaseUrls,
  names: readonly Name[],
  pool = { max: 4 },
): Promise<{ readonly source: DataSource; readonly tenants: Readonly<Record<Name, Tenant>> }> {
  await migrateControl(urls);
  await applyTenants(urls, new Map(names.map((name) => [name, 'active'])));
  const source = await openDataSource(urls, [TenantEntity], pool);
  const rows = await source.getRepository(TenantEntity).find();
  const tenants = Object.fromEntries(rows.map(({ id, name, schema, role, state }) => [name, { id, name, schema, role, state }]));
  return { source, tenants: tenants as Record<Name, Tenant> };
}
