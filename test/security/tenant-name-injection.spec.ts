import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { SecurityEvents } from '../../src/audit/security-events.js';
import type { Tenant } from '../../src/context/tenant.js';
import { applyTenants } from '../../src/tenancy/tenants.apply.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';
import { startTestDatabase } from '../tools/postgres.js';
import { setUpTenants } from '../tools/tenants.js';

const hostile = ['../x', 'a";drop schema gatehouse cascade;--', "a'; DROP TABLE gatehouse.tenants; --", 'pg_catalog', 'gatehouse', 'x'.repeat(300), '__proto__', 'constructor', 'tab\tname', 'Ünï'];

/** Attack 19, its half in SQL: a tenant's name, wherever it came from, is a value and never a name or a statement. */
describe('tenant name injection', () => {
  let database: Awaited<ReturnType<typeof startTestDatabase>>;
  let source: DataSource;
  let admin: Client;

  beforeAll(async () => {
    database = await startTestDatabase();
    ({ source } = await setUpTenants(database.urls, ['acme']));
    admin = new Client({ connectionString: database.urls.adminUrl?.reveal() });
    await admin.connect();
  });

  afterAll(async () => {
    await Promise.all([admin?.end(), source?.destroy()]);
    await database?.stop();
  });

  it('makes schemas and roles from the UUID alone', async () => {
    await applyTenants(database.urls, new Map(hostile.map((name) => [name, 'active'])));
    const rows = await admin.query<{ name: string; schema_name: string; role_name: string }>('SELECT name, schema_name, role_name FROM gatehouse.tenants');
    expect(rows.rows.map((row) => row.name).sort()).toEqual([...hostile, 'acme'].sort());
    for (const row of rows.rows) {
      expect(row.schema_name).toMatch(/^t_[a-z2-7]{26}$/);
      expect(row.role_name).toBe(row.schema_name);
    }
    const schemas = await admin.query<{ nspname: string }>(`SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|public)'`);
    expect(schemas.rows.map((row) => row.nspname).sort()).toEqual(['gatehouse', ...rows.rows.map((row) => row.schema_name)].sort());
  });

  it.each([
    ['schema', { schema: 'pg_catalog' }],
    ['role', { role: 'gatehouse_admin' }],
    ['id', { id: "00000000-0000-0000-0000-000000000000'; RESET ROLE; --" }],
    ['id of another', { id: '00000000-0000-0000-0000-000000000000' }],
  ])('refuses a tenant whose %s is not its own before any statement', async (_name, change: Partial<Tenant>) => {
    const queries: string[] = [];
    const quiet = new Proxy(source, {
      get: (target, key) => {
        queries.push(String(key));
        return Reflect.get(target, key);
      },
    });
    const row = (await admin.query<Tenant>(`SELECT id, name, schema_name AS schema, role_name AS role, state FROM gatehouse.tenants WHERE name = 'acme'`)).rows[0]!;
    await expect(new TenantDatabase(quiet).withTenant({ ...row, ...change }, () => Promise.resolve())).rejects.toThrow(/not a UUID|not its own/);
    expect(queries).toEqual([]);
  });
});

const MARKER = 'zq7tenantzq';
const claims: readonly unknown[] = [
  `../${MARKER}`,
  `a";drop schema ${MARKER}`,
  `a'; DROP TABLE gatehouse.tenants; -- ${MARKER}`,
  'pg_catalog',
  'gatehouse',
  'information_schema',
  `${MARKER}${'x'.repeat(64)}`,
  'x'.repeat(10_000),
  ['acme'],
  [`${MARKER}`, 'acme'],
  { acme: MARKER },
  { toString: 'acme' },
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'ACME',
  'acme ',
  'acme\0',
  `acme\n${MARKER}`,
  7,
  true,
  null,
];

/** Attack 19, its other half: what a token says of its tenant is only ever compared. */
describe('a tenant claim that is no tenant', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.stop());

  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

  it('is 403 for each value, which is in no SQL and in no parameter', async () => {
    const statements: string[] = [];
    const query = Client.prototype.query;
    const spy = jest.spyOn(Client.prototype, 'query').mockImplementation(function (this: Client, ...args: unknown[]) {
      statements.push(JSON.stringify(args.filter((arg) => typeof arg !== 'function')));
      return Reflect.apply(query, this, args);
    } as never);
    try {
      for (const tenant of claims) {
        const { status } = await gateway.post(list, { token: await gateway.token({ tenant }) });
        expect([tenant, status]).toEqual([tenant, 403]);
      }
      // The statements of a caller who has a tenant show that the spy sees them.
      expect((await gateway.call(await gateway.token(), 'items_getItem', { id: 'x' })).error).toBeUndefined();
      await gateway.app.get(SecurityEvents).flush();
    } finally {
      spy.mockRestore();
    }
    expect(statements.some((statement) => statement.includes('SET LOCAL'))).toBe(true);
    expect(statements.filter((statement) => statement.includes(MARKER) || statement.includes('__proto__') || statement.includes('x'.repeat(100)))).toEqual([]);
  });

  it('is 404 or 401 as a door, and in no metadata', async () => {
    const token = await gateway.token();
    for (const tenant of ['..%2fx', 'a%22;drop%20schema', 'pg_catalog', 'x'.repeat(65), '__proto__', 'constructor', 'ACME']) {
      const { status } = await gateway.post(list, { token, path: `/t/${tenant}/mcp` });
      expect([401, 404, 414]).toContain(status);
      expect([400, 404, 414]).toContain((await fetch(`${gateway.url}/.well-known/oauth-protected-resource/t/${tenant}/mcp`)).status);
    }
    expect(({} as Record<string, unknown>)['acme']).toBeUndefined();
  });
});
