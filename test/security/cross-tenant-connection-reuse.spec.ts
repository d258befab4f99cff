import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource, EntityManager } from 'typeorm';
import type { Tenant } from '../../src/context/tenant.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { describeBothWays } from '../tools/pgbouncer.js';
import { startTestDatabase } from '../tools/postgres.js';
import { setUpTenants } from '../tools/tenants.js';

/** Attack 2: what tenant A leaves behind on the only connection of the pool must never reach B. */
describeBothWays('cross-tenant connection reuse', (connect) => {
  let database: Awaited<ReturnType<typeof startTestDatabase>>;
  let source: DataSource;
  let tenants: Readonly<Record<'acme' | 'globex', Tenant>>;
  let tenantDatabase: TenantDatabase;

  beforeAll(async () => {
    database = await startTestDatabase();
    ({ source, tenants } = await setUpTenants(await connect(database.urls), ['acme', 'globex'], { max: 1 }));
    tenantDatabase = new TenantDatabase(source);
    for (const tenant of Object.values(tenants)) await tenantDatabase.withTenant(tenant, (manager) => addMarker(manager, tenant));
  });

  afterAll(async () => {
    await source?.destroy();
    await database?.stop();
  });

  async function addMarker(manager: EntityManager, tenant: Tenant): Promise<void> {
    await manager.query(`INSERT INTO api_revisions (tenant_id, api, hash, document) VALUES ($1, $2, 'h', '')`, [tenant.id, tenant.name]);
  }

  async function seenBy(tenant: Tenant): Promise<unknown> {
    return tenantDatabase.withTenant(tenant, async (manager) => ({
      apis: (await manager.query<{ api: string }[]>('SELECT api FROM api_revisions')).map((row) => row.api),
      session: (await manager.query<unknown[]>(`SELECT current_user AS role, current_schemas(false)::text AS path, current_setting('app.tenant') AS tenant`))[0],
    }));
  }

  const attacks: [string, (manager: EntityManager) => Promise<unknown>][] = [
    ['throws', () => Promise.reject(new Error('cancelled'))],
    ['ends in a failed statement', (manager) => manager.query('SELECT * FROM nowhere')],
    ['swallows a failed statement', (manager) => manager.query('SELECT 1/0').catch(() => undefined)],
    ['sets the path for the session', (manager) => manager.query(`SET search_path = "${'SCHEMA'}", pg_temp`)],
    ['sets the tenant and role for the session', (manager) => manager.query(`SET SESSION app.tenant = '${'ID'}'; SET SESSION ROLE "${'SCHEMA'}"`)],
    ['ends the transaction itself', (manager) => manager.query('COMMIT')],
    ['begins another transaction and leaves it open', (manager) => manager.query('COMMIT; BEGIN')],
    ['shadows a table for the session', (manager) => manager.query(`CREATE TEMPORARY TABLE api_revisions AS SELECT 'forged' AS api`)],
    ['does not await its statement', async (manager) => void manager.query('SELECT pg_sleep(0.05)').catch(() => undefined)],
  ];

  it.each(attacks)('shows tenant B only its own rows after work of tenant A that %s', async (_name, attack) => {
    const own = (manager: EntityManager): Promise<unknown> =>
      attack(
        new Proxy(manager, {
          get: (target, key) =>
            key === 'query' ? (sql: string) => target.query(sql.replaceAll('SCHEMA', tenants.acme.schema).replaceAll('ID', tenants.acme.id)) : Reflect.get(target, key),
        }),
      );
    await tenantDatabase.withTenant(tenants.acme, own).catch(() => undefined);

    expect(await seenBy(tenants.globex)).toEqual({
      apis: ['globex'],
      session: { role: tenants.globex.role, path: expect.stringMatching(new RegExp(`^\\{${tenants.globex.schema}(,pg_temp_\\d+)?\\}$`)), tenant: tenants.globex.id },
    });
  });

  it('leaves a bare login behind that can see no tenant', async () => {
    await seenBy(tenants.acme);
    for (const schema of [tenants.acme.schema, tenants.globex.schema]) {
      await expect(source.query(`SELECT * FROM "${schema}".api_revisions`)).rejects.toThrow('permission denied for schema');
    }
    await expect(source.query('SELECT * FROM api_revisions')).rejects.toThrow('does not exist');
  });

  it('gives concurrent work of both tenants its own rows only', async () => {
    const calls = Array.from({ length: 60 }, async (_, index) => {
      const tenant = index % 2 === 0 ? tenants.acme : tenants.globex;
      if (index % 5 === 0) await tenantDatabase.withTenant(tenant, () => Promise.reject(new Error('x'))).catch(() => undefined);
      expect(await seenBy(tenant)).toMatchObject({ apis: [tenant.name], session: { tenant: tenant.id } });
    });
    await Promise.all(calls);
  });
});
