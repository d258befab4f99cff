import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { startTestDatabase } from '../../test/tools/postgres.js';
import { setUpTenants } from '../../test/tools/tenants.js';
import type { Tenant } from '../context/tenant.js';
import { TenantDatabase } from './tenant.database.js';

describe('TenantDatabase', () => {
  let database: Awaited<ReturnType<typeof startTestDatabase>>;
  let source: DataSource;
  let acme: Tenant;
  let tenantDatabase: TenantDatabase;
  let admin: Client;

  beforeAll(async () => {
    database = await startTestDatabase();
    const setUp = await setUpTenants(database.urls, ['acme'], { max: 1 });
    source = setUp.source;
    acme = setUp.tenants.acme;
    tenantDatabase = new TenantDatabase(source);
    admin = new Client({ connectionString: database.urls.adminUrl?.reveal() });
    await admin.connect();
  });

  afterAll(async () => {
    await Promise.all([admin?.end(), source?.destroy()]);
    await database?.stop();
  });

  const insert = (manager: EntityManager, api: string): Promise<unknown> =>
    manager.query(`INSERT INTO api_revisions (tenant_id, api, hash, document) VALUES ($1, $2, 'h', '')`, [acme.id, api]);
  const countOf = async (api: string): Promise<number> =>
    (await admin.query(`SELECT 1 FROM "${acme.schema}".api_revisions WHERE api = $1`, [api])).rowCount ?? 0;

  it('commits what resolves and rolls back what throws', async () => {
    await expect(tenantDatabase.withTenant(acme, (manager) => insert(manager, 'kept').then(() => 'value'))).resolves.toBe('value');
    const failing = tenantDatabase.withTenant(acme, async (manager) => {
      await insert(manager, 'gone');
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect([await countOf('kept'), await countOf('gone')]).toEqual([1, 0]);
  });

  it('fails, rather than pretend, when a swallowed error made the commit a rollback', async () => {
    const work = tenantDatabase.withTenant(acme, async (manager) => {
      await insert(manager, 'lost');
      await manager.query('SELECT 1/0').catch(() => undefined);
    });
    await expect(work).rejects.toThrow('rolled back');
    expect(await countOf('lost')).toBe(0);
  });

  it('refuses a nested use at once instead of waiting for a second connection', async () => {
    const nested = tenantDatabase.withTenant(acme, () => tenantDatabase.withTenant(acme, () => Promise.resolve('inner')));
    await expect(nested).rejects.toThrow('must not be nested');
  });

  it('refuses statements after the end, through the manager and through its repositories', async () => {
    let kept: EntityManager | undefined;
    await tenantDatabase.withTenant(acme, (manager) => {
      kept = manager;
      return Promise.resolve();
    });
    await expect(kept!.query('SELECT 1')).rejects.toThrow(/ended|released/);
    await expect(kept!.transaction((inner) => inner.query('SELECT 1'))).rejects.toThrow(/ended|released/);
  });

  it('refuses a statement that nobody awaited once the work is done', async () => {
    let late: Promise<unknown> | undefined;
    await tenantDatabase.withTenant(acme, (manager) => {
      late = sleep(1).then(() => manager.query('SELECT 1'));
      late.catch(() => undefined);
      return Promise.resolve();
    });
    await expect(late).rejects.toThrow(/ended|released/);
  });

  it('keeps a nested transaction of TypeORM inside the tenant transaction', async () => {
    const role = await tenantDatabase.withTenant(acme, async (manager) => {
      await manager.transaction((inner) => insert(inner, 'nested'));
      return manager.query<unknown>('SELECT current_user AS role');
    });
    expect(role).toEqual([{ role: acme.role }]);
    expect(await countOf('nested')).toBe(1);
  });

  it('replaces a connection that dies in the work, and answers 503', async () => {
    const dying = tenantDatabase.withTenant(acme, async (manager) => {
      const [row] = await manager.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
      await admin.query('SELECT pg_terminate_backend($1)', [row?.pid]);
      await sleep(20);
      return manager.query('SELECT 1');
    });
    await expect(dying).rejects.toMatchObject({ code: 'database_unavailable', status: 503 });
    await expect(tenantDatabase.withTenant(acme, (manager) => manager.query('SELECT current_user AS role'))).resolves.toEqual([{ role: acme.role }]);
  });

  it('replaces a connection that cannot roll back', async () => {
    const before = await tenantDatabase.withTenant(acme, (manager) => manager.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid'));
    const broken = tenantDatabase.withTenant(acme, async () => {
      await admin.query('SELECT pg_terminate_backend($1)', [before[0]?.pid]);
      throw new Error('after the connection was lost');
    });
    await expect(broken).rejects.toThrow('after the connection was lost');
    const after = await tenantDatabase.withTenant(acme, (manager) => manager.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid'));
    expect(after[0]?.pid).not.toBe(before[0]?.pid);
  });

  it('answers 503 within the time limit when the pool is exhausted', async () => {
    const release = Promise.withResolvers<void>();
    const holder = tenantDatabase.withTenant(acme, () => release.promise);
    const started = performance.now();
    await expect(tenantDatabase.withTenant(acme, () => Promise.resolve())).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(performance.now() - started).toBeLessThan(6_500);
    release.resolve();
    await holder;
  });
});
