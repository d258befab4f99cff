import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { startTestDatabase } from '../../test/tools/postgres.js';
import { ChangeFeed } from '../database/change-feed.js';
import { openDataSource } from '../database/database.module.js';
import { tenantSchemaName } from '../database/identifiers.js';
import { migrateControl } from '../database/migrate.js';
import { TenantDatabase } from './tenant.database.js';
import { TenantEntity } from './tenant.entity.js';
import { TenantRegistry } from './tenant.registry.js';
import { applyTenants } from './tenants.apply.js';

type States = Record<string, 'active' | 'suspended'>;

describe('applyTenants', () => {
  let database: Awaited<ReturnType<typeof startTestDatabase>>;
  let source: DataSource;
  let feed: ChangeFeed;
  let registry: TenantRegistry;
  let admin: Client;

  beforeAll(async () => {
    database = await startTestDatabase();
    await migrateControl(database.urls);
    source = await openDataSource(database.urls, [TenantEntity]);
    feed = new ChangeFeed(database.urls.directUrl);
    await feed.start();
    registry = new TenantRegistry(source, feed);
    await registry.onModuleInit();
    admin = new Client({ connectionString: database.urls.adminUrl?.reveal() });
    await admin.connect();
  });

  afterAll(async () => {
    registry?.onApplicationShutdown();
    await feed?.onApplicationShutdown();
    await Promise.all([admin?.end(), source?.destroy()]);
    await database?.stop();
  });

  const apply = (states: States): Promise<void> => applyTenants(database.urls, new Map(Object.entries(states)));
  const epoch = async (): Promise<unknown> => (await admin.query(`SELECT value FROM gatehouse.epochs WHERE topic = 'tenants'`)).rows[0];

  async function until(holds: () => boolean): Promise<void> {
    const deadline = performance.now() + 5_000;
    while (!holds()) {
      if (performance.now() > deadline) throw new Error('a running replica did not see it within 5 s');
      await sleep(10);
    }
  }

  it('makes a tenant that a running replica can use', async () => {
    await apply({ acme: 'active', globex: 'active' });
    await until(() => registry.find('acme')?.state === 'active');
    const acme = registry.find('acme')!;
    expect(Object.isFrozen(acme)).toBe(true);
    expect(await new TenantDatabase(source).withTenant(acme, (manager) => manager.query('SELECT count(*)::int AS count FROM audit'))).toEqual([{ count: 0 }]);
    expect(registry.find('ACME')).toBeUndefined();
    expect(registry.find('__proto__')).toBeUndefined();
  });

  it('changes nothing and tells nobody when nothing changed', async () => {
    const before = [await epoch(), (await admin.query('SELECT * FROM gatehouse.tenants ORDER BY id')).rows];
    await apply({ acme: 'active', globex: 'active' });
    expect([await epoch(), (await admin.query('SELECT * FROM gatehouse.tenants ORDER BY id')).rows]).toEqual(before);
  });

  it('suspends a tenant on running replicas within five seconds, and takes it up again', async () => {
    await apply({ acme: 'suspended', globex: 'active' });
    await until(() => registry.find('acme')?.state === 'suspended');
    expect(registry.find('globex')?.state).toBe('active');
    await apply({ acme: 'active', globex: 'active' });
    await until(() => registry.find('acme')?.state === 'active');
  });

  it('suspends a tenant that the configuration no longer names, and drops nothing', async () => {
    const globex = registry.find('globex')!;
    await apply({ acme: 'active' });
    await until(() => registry.find('globex')?.state === 'suspended');
    expect((await admin.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [globex.schema])).rowCount).toBe(1);
  });

  it('forgets within five seconds a tenant whose row is deleted', async () => {
    await admin.query(`DELETE FROM gatehouse.tenants WHERE name = 'globex'`);
    await admin.query(`UPDATE gatehouse.epochs SET value = value + 1 WHERE topic = 'tenants'`);
    await until(() => registry.find('globex') === undefined);
    expect(registry.find('acme')).toBeDefined();
  });

  it('completes a tenant whose first apply died half way', async () => {
    const id = '00000000-0000-4000-8000-000000000001';
    await admin.query(`INSERT INTO gatehouse.tenants (id, name, schema_name, role_name, state) VALUES ($1, 'half', $2, $2, 'suspended')`, [id, tenantSchemaName(id)]);
    await apply({ acme: 'active', half: 'active' });
    await until(() => registry.find('half')?.state === 'active');
    expect(await new TenantDatabase(source).withTenant(registry.find('half')!, (manager) => manager.query('SELECT count(*)::int AS count FROM audit'))).toEqual([{ count: 0 }]);
  });

  it('makes each tenant once when two processes apply at once', async () => {
    await Promise.all([apply({ acme: 'active', twice: 'active' }), apply({ acme: 'active', twice: 'active' })]);
    await until(() => registry.find('twice')?.state === 'active');
    expect((await admin.query(`SELECT 1 FROM gatehouse.tenants WHERE name = 'twice'`)).rowCount).toBe(1);
  });

  it('grants the runtime login each role for SET only', async () => {
    const granted = await admin.query(
      `SELECT DISTINCT m.inherit_option, m.set_option, m.admin_option FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = 'gatehouse'`,
    );
    expect(granted.rows).toEqual([{ inherit_option: false, set_option: true, admin_option: false }]);
  });

  it('names the missing setting', async () => {
    await expect(applyTenants({ ...database.urls, adminUrl: undefined }, new Map())).rejects.toThrow('database.adminUrl is needed');
  });
});
