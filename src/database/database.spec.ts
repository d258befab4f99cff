import { setTimeout as sleep } from 'node:timers/promises';
import { Secret } from '@gatehouse-mcp/oauth';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { startTestDatabase } from '../../test/tools/postgres.js';
import { TcpProxy } from '../../test/tools/tcp-proxy.js';
import { bump, ChangeFeed } from './change-feed.js';
import { DatabaseHealth } from './database.health.js';
import { DatabaseModule, openDataSource } from './database.module.js';
import { migrateControl } from './migrate.js';
import { loadNewestRevision, storeRevision } from './revisions.apply.js';

describe('database', () => {
  let database: Awaited<ReturnType<typeof startTestDatabase>>;
  let admin: Client;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    database = await startTestDatabase();
    await migrateControl(database.urls);
    admin = new Client({ connectionString: database.urls.adminUrl?.reveal() });
    await admin.connect();
  });

  afterAll(async () => {
    await admin?.end();
    await database?.stop();
  });

  async function until(holds: () => boolean | Promise<boolean>, limitMs = 5_000): Promise<number> {
    const started = performance.now();
    while (!(await holds())) {
      if (performance.now() - started > limitMs) throw new Error(`it did not happen within ${limitMs} ms`);
      await sleep(10);
    }
    return performance.now() - started;
  }

  describe('migrateControl', () => {
    it('changes nothing when it runs again, also twice at once', async () => {
      const before = (await admin.query('SELECT * FROM gatehouse.migrations')).rows;
      await Promise.all([migrateControl(database.urls), migrateControl(database.urls)]);
      expect((await admin.query('SELECT * FROM gatehouse.migrations')).rows).toEqual(before);
    });

    it('names the setting that is missing or wrong, and never a password', async () => {
      await expect(migrateControl({ ...database.urls, adminUrl: undefined })).rejects.toThrow('database.adminUrl is needed');
      const wrong = new URL(database.urls.adminUrl?.reveal() ?? '');
      wrong.password = 'canary-password';
      const refusal = await migrateControl({ ...database.urls, adminUrl: new Secret(wrong.href) }).catch((error: Error) => error);
      expect(String(refusal)).toContain('Cannot use the database of database.adminUrl: it refuses the login');
      expect(String(refusal)).not.toContain('canary-password');
      await expect(migrateControl({ ...database.urls, url: new Secret('postgresql://nobody-here@127.0.0.1/x') })).rejects.toThrow('The login of database.url does not exist');
      await expect(migrateControl({ ...database.urls, url: new Secret('canary-password') })).rejects.toThrow('database.url must be a postgresql:// URL');
    });

    it('gives the runtime login no right beyond its work', async () => {
      const runtime = new Client({ connectionString: database.urls.url.reveal() });
      await runtime.connect();
      for (const statement of [`INSERT INTO gatehouse.tenants VALUES (gen_random_uuid(), 'x', 'x', 'x', 'active')`, 'DELETE FROM gatehouse.revisions', 'CREATE TABLE gatehouse.x ()', 'CREATE SCHEMA x', 'CREATE ROLE x', 'DROP TABLE gatehouse.epochs']) {
        await expect(runtime.query(statement)).rejects.toThrow(/permission denied|must be owner/);
      }
      await runtime.end();
    });
  });

  describe('openDataSource', () => {
    it('fails at a start without a database with one line that names the setting', async () => {
      const refusal = await openDataSource({ ...database.urls, url: new Secret('postgresql://gatehouse:canary-password@127.0.0.1:1/gatehouse') }, []).catch((error: Error) => error);
      expect(refusal).toMatchObject({ code: 'database_unavailable', status: 503, message: 'Cannot use the database of database.url: no connection (ECONNREFUSED)' });
    });
  });

  it('says at a start on a database that was never prepared what to do', async () => {
    const empty = new URL(database.urls.url.reveal());
    empty.pathname = '/postgres';
    const urls = { ...database.urls, url: new Secret(empty.href), directUrl: new Secret(empty.href) };
    const start = Test.createTestingModule({ imports: [DatabaseModule.forUrls(urls, [])] }).compile();
    await expect(start).rejects.toThrow('Cannot use the database of database.directUrl: it is not prepared; run gatehouse apply');
    await until(async () => (await admin.query(`SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'gatehouse%'`)).rowCount === 0);
  });

  describe('storeRevision', () => {
    it('stores a changed configuration only, whatever the order of its members, and tells the replicas', async () => {
      const first = await storeRevision(database.urls, { tenants: { acme: { state: 'active' } }, apis: [] });
      const same = await storeRevision(database.urls, { apis: [], tenants: { acme: { state: 'active' } } });
      const second = await storeRevision(database.urls, { tenants: {}, apis: [] });
      expect([first.changed, same.changed, second.changed]).toEqual([true, false, true]);
      expect(same.id).toBe(first.id);
      const source = await openDataSource(database.urls, []);
      expect(await loadNewestRevision(source)).toMatchObject({ id: second.id, content: { tenants: {}, apis: [] } });
      await source.destroy();
      expect((await admin.query(`SELECT value FROM gatehouse.epochs WHERE topic = 'configuration'`)).rows).toEqual([{ value: '2' }]);
    });

    it('stores one revision when two apply the same at once', async () => {
      const both = await Promise.all([storeRevision(database.urls, { a: 1 }), storeRevision(database.urls, { a: 1 })]);
      expect(both.filter((stored) => stored.changed)).toHaveLength(1);
      expect(both[0]?.id).toBe(both[1]?.id);
    });
  });

  describe('ChangeFeed', () => {
    async function openFeed(url = database.urls.directUrl): Promise<ChangeFeed> {
      const feed = new ChangeFeed(url);
      await feed.start();
      return feed;
    }

    const bumpNow = (topic: string): Promise<void> => bump(admin, topic);

    it('calls the listeners of a topic at once, and no other', async () => {
      const feed = await openFeed();
      let calls = 0;
      feed.on('here', () => void (calls += 1));
      feed.on('elsewhere', () => void (calls += 100));
      await bumpNow('here');
      expect(await until(() => calls > 0)).toBeLessThan(1_000);
      await bumpNow('here');
      await until(() => calls > 1);
      expect(calls).toBe(2);
      await feed.onApplicationShutdown();
    });

    it('says nothing of a change that is rolled back, and nothing after the end', async () => {
      const feed = await openFeed();
      let calls = 0;
      const stop = feed.on('quiet', () => void (calls += 1));
      await admin.query('BEGIN');
      await bumpNow('quiet');
      await admin.query('ROLLBACK');
      await feed.refresh();
      stop();
      await bumpNow('quiet');
      await feed.refresh();
      expect(calls).toBe(0);
      await feed.onApplicationShutdown();
      await feed.refresh();
    });

    it('finds within five seconds what was never notified', async () => {
      const feed = await openFeed();
      let calls = 0;
      feed.on('silent', () => void (calls += 1));
      await admin.query(`INSERT INTO gatehouse.epochs VALUES ('silent', 1)`);
      expect(await until(() => calls > 0)).toBeLessThan(5_000);
      await feed.onApplicationShutdown();
    });

    it('calls a listener again that failed', async () => {
      const feed = await openFeed();
      let calls = 0;
      feed.on('flaky', () => (++calls === 1 ? Promise.reject(new Error('not now')) : Promise.resolve()));
      await bumpNow('flaky');
      await until(() => calls === 1);
      await feed.refresh();
      await feed.refresh();
      await feed.refresh();
      expect(calls).toBe(2);
      await feed.onApplicationShutdown();
    });

    it('reconnects and catches up with what changed in the dark', async () => {
      const { proxy, url } = await TcpProxy.before(database.urls.directUrl.reveal());
      const feed = await openFeed(new Secret(url));
      let calls = 0;
      feed.on('dark', () => void (calls += 1));
      proxy.isDown = true;
      proxy.cut();
      await bumpNow('dark');
      await feed.refresh();
      expect(calls).toBe(0);
      proxy.isDown = false;
      await until(() => calls === 1);
      await bumpNow('dark');
      expect(await until(() => calls === 2)).toBeLessThan(1_000);
      await feed.onApplicationShutdown();
      await proxy.close();
    });
  });

  describe('DatabaseModule', () => {
    it('heals after its connections were lost, says so to the probe, and closes everything at shutdown', async () => {
      const { proxy, url } = await TcpProxy.before(database.urls.url.reveal());
      const urls = { ...database.urls, url: new Secret(url), directUrl: new Secret(url) };
      const app = await Test.createTestingModule({ imports: [DatabaseModule.forUrls(urls, [])] }).compile();
      await app.init();
      const health = app.get(DatabaseHealth);
      const source = app.get(DataSource);
      expect(await health.isReady()).toBe(true);
      proxy.isDown = true;
      proxy.cut();
      expect(await health.isReady()).toBe(false);
      proxy.isDown = false;
      expect(await health.isReady()).toBe(true);
      expect(await source.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);

      proxy.isSilent = true;
      const started = performance.now();
      expect(await health.isReady()).toBe(false);
      expect(performance.now() - started).toBeLessThan(1_500);
      proxy.isSilent = false;
      proxy.cut();
      await app.close();
      await until(async () => (await admin.query(`SELECT 1 FROM pg_stat_activity WHERE application_name IN ('gatehouse', 'gatehouse-changes')`)).rowCount === 0);
      await proxy.close();
    });
  });
});
