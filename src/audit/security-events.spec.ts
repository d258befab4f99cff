import { Secret } from '@gatehouse-mcp/oauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { startTestDatabase } from '../../test/tools/postgres.js';
import { TcpProxy } from '../../test/tools/tcp-proxy.js';
import { openDataSource } from '../database/database.module.js';
import { migrateControl } from '../database/migrate.js';
import { SecurityEvents } from './security-events.js';

describe('SecurityEvents', () => {
  let database: Awaited<ReturnType<typeof startTestDatabase>>;
  let source: DataSource;
  let proxy: TcpProxy;
  let admin: Client;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    database = await startTestDatabase();
    await migrateControl(database.urls);
    const wire = await TcpProxy.before(database.urls.url.reveal());
    proxy = wire.proxy;
    source = await openDataSource({ ...database.urls, url: new Secret(wire.url) }, []);
    admin = new Client({ connectionString: database.urls.adminUrl?.reveal() });
    await admin.connect();
  });

  beforeEach(async () => {
    await admin.query('TRUNCATE gatehouse.security_events');
  });

  afterAll(async () => {
    await Promise.all([admin?.end(), source?.destroy()]);
    await proxy?.close();
    await database?.stop();
  });

  /** Counts over all windows, since a test may cross the edge of one. */
  const counted = async (): Promise<readonly unknown[]> =>
    (await admin.query('SELECT reason, provider, address, sum(count)::int AS count FROM gatehouse.security_events GROUP BY 1, 2, 3 ORDER BY 1, 2, 3')).rows;

  it('adds up by reason, provider and address, over flushes and replicas', async () => {
    const replicas = [new SecurityEvents(source), new SecurityEvents(source)];
    for (const events of replicas) {
      for (let index = 0; index < 3; index++) events.count('expired', 'corp', '10.0.0.1');
      events.count('expired', 'corp', '10.0.0.2');
      await events.flush();
      events.count('expired', 'corp', '10.0.0.1');
      await events.onApplicationShutdown();
    }
    expect(await counted()).toEqual([
      { reason: 'expired', provider: 'corp', address: '10.0.0.1', count: 8 },
      { reason: 'expired', provider: 'corp', address: '10.0.0.2', count: 2 },
    ]);
  });

  it('counts windows of ten seconds', async () => {
    const events = new SecurityEvents(source);
    events.count('expired', 'corp', '10.0.0.1');
    await events.flush();
    const { rows } = await admin.query<{ rest: string }>(`SELECT extract(epoch FROM window_start)::bigint % 10 AS rest FROM gatehouse.security_events`);
    expect(rows).toEqual([{ rest: '0' }]);
  });

  it('keeps an attacker of 100,000 addresses within a few hundred rows, and every refusal counted', async () => {
    const events = new SecurityEvents(source);
    for (let index = 0; index < 100_000; index++) events.count('bad_signature', 'corp', `2001:db8::${index.toString(16)}`);
    await events.flush();
    const rows = (await counted()) as readonly { address: string; count: number }[];
    // The loop may cross the edge of a window once.
    expect(rows.length).toBeLessThanOrEqual(2 * 257);
    expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(100_000);
    expect(rows.find((row) => row.address === '*')?.count).toBeGreaterThan(99_000);
  });

  it('touches the disk at a flush only', async () => {
    const events = new SecurityEvents(source);
    events.count('expired', 'corp', '10.0.0.1');
    expect(await counted()).toEqual([]);
    await events.flush();
    expect(await counted()).toHaveLength(1);
  });

  it('keeps its counts while the database is away', async () => {
    const events = new SecurityEvents(source);
    events.count('expired', 'corp', '10.0.0.1');
    proxy.isDown = true;
    proxy.cut();
    await events.flush();
    events.count('expired', 'corp', '10.0.0.1');
    await events.flush();
    proxy.isDown = false;
    await events.flush();
    expect(await counted()).toEqual([{ reason: 'expired', provider: 'corp', address: '10.0.0.1', count: 2 }]);
  });
});
