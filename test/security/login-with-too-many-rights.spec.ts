import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import type { Tenant } from '../../src/context/tenant.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { startTestDatabase } from '../tools/postgres.js';
import { setUpTenants } from '../tools/tenants.js';

/** The first wall: what somebody grants the runtime login by mistake must reach no tenant's work, which runs as its own role. */
describe('a runtime login with rights on every tenant', () => {
  let database: Awaited<ReturnType<typeof startTestDatabase>>;
  let source: DataSource;
  let admin: Client;
  let acme: Tenant;
  let globex: Tenant;
  let tenantDatabase: TenantDatabase;

  beforeAll(async () => {
    database = await startTestDatabase();
    const setUp = await setUpTenants(database.urls, ['acme', 'globex']);
    source = setUp.source;
    ({ acme, globex } = setUp.tenants);
    tenantDatabase = new TenantDatabase(source);
    admin = new Client({ connectionString: database.urls.adminUrl?.reveal() });
    await admin.connect();
    const login = new URL(database.urls.url.reveal()).username;
    for (const { id, schema } of [acme, globex]) {
      await admin.query(`INSERT INTO "${schema}".api_revisions (tenant_id, api, hash, document) VALUES ($1, 'own', 'h', '')`, [id]);
      await admin.query(`GRANT USAGE ON SCHEMA "${schema}" TO "${login}"`);
      await admin.query(`GRANT ALL ON ALL TABLES IN SCHEMA "${schema}" TO "${login}"`);
    }
  });
  afterAll(async () => {
    await Promise.all([admin?.end(), source?.destroy()]);
    await database?.stop();
  });

  it.each(['api_revisions', 'audit'])('does not let the work of one tenant empty %s of another', async (table) => {
    // TRUNCATE is the statement that row-level security does not see.
    await expect(tenantDatabase.withTenant(acme, (manager) => manager.query(`TRUNCATE "${globex.schema}".${table}`))).rejects.toThrow('permission denied');
    await expect(tenantDatabase.withTenant(acme, (manager) => manager.query(`SELECT * FROM "${globex.schema}".${table}`))).rejects.toThrow('permission denied');
  });

  it('leaves each tenant what is its own', async () => {
    for (const tenant of [acme, globex]) {
      await expect(tenantDatabase.withTenant(tenant, (manager) => manager.query('SELECT tenant_id FROM api_revisions'))).resolves.toEqual([{ tenant_id: tenant.id }]);
    }
  });
});
