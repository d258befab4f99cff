import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import type { Tenant } from '../../src/context/tenant.js';
import { auditRole } from '../../src/database/identifiers.js';
import { startTestDatabase } from '../tools/postgres.js';
import { setUpTenants } from '../tools/tenants.js';

/** The second wall: it must hold when the first one (the role's rights, the path) has been lost by a mistake. */
describe('row-level security', () => {
  let database: Awaited<ReturnType<typeof startTestDatabase>>;
  let source: DataSource;
  let tenants: Readonly<Record<'acme' | 'globex', Tenant>>;
  let runtime: Client;
  let admin: Client;

  beforeAll(async () => {
    database = await startTestDatabase();
    ({ source, tenants } = await setUpTenants(database.urls, ['acme', 'globex']));
    runtime = new Client({ connectionString: database.urls.url.reveal() });
    admin = new Client({ connectionString: database.urls.adminUrl?.reveal() });
    await Promise.all([runtime.connect(), admin.connect()]);
    for (const { schema, id, name } of Object.values(tenants)) {
      await admin.query(`INSERT INTO "${schema}".api_revisions (tenant_id, api, hash, document) VALUES ($1, $2, 'h', '')`, [id, name]);
      await admin.query(`INSERT INTO "${schema}".audit (tenant_id, writer, seq, prev_hash, hash, call_id, kind, at, request_id, issuer, subject, tool, decision, address)
        VALUES ($1, $1, 1, '', '', 'c', 'intent', now(), 'r', 'i', 's', 't', 'allowed', 'a')`, [id]);
    }
  });

  afterAll(async () => {
    await Promise.all([runtime?.end(), admin?.end(), source?.destroy()]);
    await database?.stop();
  });

  /** Runs statements as a role in a transaction that is rolled back; gives the last result's rows. */
  async function as(role: string, ...statements: readonly string[]): Promise<readonly unknown[]> {
    await runtime.query('BEGIN');
    try {
      await runtime.query(`SET LOCAL ROLE "${role}"`);
      let rows: readonly unknown[] = [];
      for (const statement of statements) rows = (await runtime.query(statement)).rows;
      return rows;
    } finally {
      await runtime.query('ROLLBACK');
    }
  }

  /** Takes the first wall down: acme's role gets every right on globex's schema. */
  async function grantByMistake(): Promise<void> {
    await admin.query(`GRANT USAGE ON SCHEMA "${tenants.globex.schema}" TO "${tenants.acme.role}"`);
    await admin.query(`GRANT ALL ON ALL TABLES IN SCHEMA "${tenants.globex.schema}" TO "${tenants.acme.role}"`);
  }

  it('keeps the role out of another schema by its rights', async () => {
    await expect(as(tenants.acme.role, `SELECT * FROM "${tenants.globex.schema}".audit`)).rejects.toThrow('permission denied for schema');
  });

  it.each(['api_revisions', 'audit'])('shows a role its own rows of %s, and none without or with another app.tenant', async (table) => {
    const { acme, globex } = tenants;
    const select = `SELECT tenant_id FROM "${acme.schema}".${table}`;
    expect(await as(acme.role, `SET LOCAL app.tenant = '${acme.id}'`, select)).toEqual([{ tenant_id: acme.id }]);
    expect(await as(acme.role, `SET LOCAL app.tenant = '${globex.id}'`, select)).toEqual([]);
    expect(await as(acme.role, `SET LOCAL app.tenant = ''`, select)).toEqual([]);
    // By now the setting exists in this session and reads as '' outside of transactions.
    expect(await as(acme.role, select)).toEqual([]);
    const fresh = new Client({ connectionString: database.urls.url.reveal() });
    await fresh.connect();
    expect((await fresh.query(`SET ROLE "${acme.role}"`).then(() => fresh.query(select))).rows).toEqual([]);
    await fresh.end();
  });

  it.each(['api_revisions', 'audit'])('shows no row of another tenant in %s even with all rights on its schema', async (table) => {
    await grantByMistake();
    const { acme, globex } = tenants;
    for (const id of [acme.id, globex.id]) {
      const path = `SET LOCAL search_path = "${globex.schema}", pg_temp`;
      expect(await as(acme.role, path, `SET LOCAL app.tenant = '${id}'`, `SELECT * FROM ${table}`)).toEqual([]);
      expect(await as(acme.role, path, `SET LOCAL app.tenant = '${id}'`, `DELETE FROM ${table} RETURNING 1`)).toEqual([]);
    }
  });

  it('refuses rows that name another tenant', async () => {
    const { acme, globex } = tenants;
    const insert = `INSERT INTO "${acme.schema}".api_revisions (tenant_id, api, hash, document) VALUES ('${globex.id}', 'x', 'x', '')`;
    await expect(as(acme.role, `SET LOCAL app.tenant = '${acme.id}'`, insert)).rejects.toThrow('row-level security');
  });

  it('binds the owner of the tables too', async () => {
    const forced = await admin.query(
      `SELECT relname FROM pg_class WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname LIKE 't\\_%') AND relkind = 'r'
       AND relname <> 'migrations' AND NOT (relrowsecurity AND relforcerowsecurity)`,
    );
    expect(forced.rows).toEqual([]);
  });

  it('lets the audit writer append and do nothing else', async () => {
    const audit = `"${tenants.acme.schema}".audit`;
    const columns = '(tenant_id, writer, seq, prev_hash, hash, call_id, kind, at, request_id, issuer, subject, tool, decision, address)';
    const values = `('${tenants.acme.id}', gen_random_uuid(), 1, '', '', 'c', 'intent', now(), 'r', 'i', 's', 't', 'allowed', 'a')`;
    await expect(as(auditRole, `INSERT INTO ${audit} ${columns} VALUES ${values}`)).resolves.toEqual([]);
    for (const statement of [`SELECT * FROM ${audit}`, `UPDATE ${audit} SET tool = 'x'`, `DELETE FROM ${audit}`, `TRUNCATE ${audit}`, `SELECT * FROM "${tenants.acme.schema}".api_revisions`]) {
      await expect(as(auditRole, statement)).rejects.toThrow('permission denied');
    }
  });

  it('lets the tenant read its trail and not change it', async () => {
    const audit = `"${tenants.acme.schema}".audit`;
    for (const statement of [`UPDATE ${audit} SET tool = 'x'`, `DELETE FROM ${audit}`, `TRUNCATE ${audit}`, `INSERT INTO ${audit} DEFAULT VALUES`]) {
      await expect(as(tenants.acme.role, `SET LOCAL app.tenant = '${tenants.acme.id}'`, statement)).rejects.toThrow('permission denied');
    }
  });

  it('refuses a runtime login that no row-level security binds', async () => {
    const { migrateControl } = await import('../../src/database/migrate.js');
    const { adminUrl } = database.urls;
    await expect(migrateControl({ ...database.urls, url: adminUrl! })).rejects.toThrow('database.url must not be a superuser');
  });
});
