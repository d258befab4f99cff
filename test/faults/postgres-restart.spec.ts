import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyChain } from '@gatehouse-mcp/audit-chain';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { AuditRecord } from '../../src/audit/audit-record.js';
import { readAudit, readChains } from '../../src/audit/audit.reader.js';
import { AuditWriter } from '../../src/audit/audit.writer.js';
import type { Tenant } from '../../src/context/tenant.js';
import { ChangeFeed } from '../../src/database/change-feed.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { readPostmasterFile } from '../../src/database/embedded/orphan.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { applyTenants } from '../../src/tenancy/tenants.apply.js';
import { setUpTenants } from '../tools/tenants.js';

const record: AuditRecord = {
  callId: randomUUID(), kind: 'intent', at: new Date().toISOString(), requestId: 'r', issuer: 'i', subject: 's', clientId: null, actor: null, api: null,
  tool: 't', decision: 'allowed', result: null, upstreamStatus: null, durationMs: null, scopes: null, argumentDigest: null, address: '127.0.0.1',
};

/** Fault 7 (and 10): PostgreSQL is killed under load and comes back. */
describe('PostgreSQL restart', () => {
  let checkout: string;
  let postgres: EmbeddedPostgres;
  let source: DataSource;
  let acme: Tenant;
  let feed: ChangeFeed;
  let registry: TenantRegistry;
  let writer: AuditWriter;
  let database: TenantDatabase;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    checkout = await mkdtemp(join(tmpdir(), 'gatehouse-restart-'));
    postgres = await startEmbeddedPostgres({ checkout, log: () => undefined });
    const setUp = await setUpTenants(postgres.urls, ['acme']);
    source = setUp.source;
    acme = setUp.tenants.acme;
    database = new TenantDatabase(source);
    feed = new ChangeFeed(postgres.urls.directUrl);
    await feed.start();
    registry = new TenantRegistry(source, feed);
    await registry.onModuleInit();
    writer = new AuditWriter(postgres.urls);
  });

  afterAll(async () => {
    await writer?.drain();
    registry?.onApplicationShutdown();
    await feed?.onApplicationShutdown();
    await source?.destroy();
    await postgres?.remove();
    await rm(checkout, { recursive: true, force: true });
  });

  async function killServer(): Promise<void> {
    const file = await readPostmasterFile(join(postgres.home, 'data'));
    process.kill(file?.pid ?? 0, 'SIGKILL');
  }

  it('fails calls in flight cleanly, runs nothing twice, loses no acknowledged intent and heals within ten seconds', async () => {
    let acknowledged = 0;
    const stop = new AbortController();
    const load = Array.from({ length: 8 }, async () => {
      while (!stop.signal.aborted) {
        await writer.intent(acme, record).then(
          () => (acknowledged += 1),
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'audit_unavailable', status: 503 });
            return sleep(20);
          },
        );
      }
    });
    const inFlight = database.withTenant(acme, async (manager) => {
      await manager.query(`INSERT INTO api_revisions (tenant_id, api, hash, document) VALUES ($1, 'once', 'h', '')`, [acme.id]);
      await manager.query('SELECT pg_sleep(5)');
    });
    inFlight.catch(() => undefined);
    await sleep(300);
    await killServer();
    await expect(inFlight).rejects.toMatchObject({ code: 'database_unavailable', status: 503 });
    await expect(database.withTenant(acme, () => Promise.resolve())).rejects.toMatchObject({ code: 'database_unavailable' });
    await sleep(50);
    expect(writer.isReady).toBe(false);

    await postgres.stop();
    postgres = await startEmbeddedPostgres({ checkout, log: () => undefined });
    const back = performance.now();
    for (;;) {
      const isHealed = writer.isReady && (await database.withTenant(acme, () => Promise.resolve(true)).catch(() => false));
      if (isHealed) break;
      expect(performance.now() - back).toBeLessThan(10_000);
      await sleep(20);
    }
    await applyTenants(postgres.urls, new Map([['acme', 'suspended']]));
    for (const since = performance.now(); registry.find('acme')?.state !== 'suspended'; await sleep(20)) expect(performance.now() - since).toBeLessThan(5_000);
    stop.abort();
    await Promise.all(load);

    expect(await database.withTenant(acme, (manager) => manager.query('SELECT count(*)::int AS count FROM api_revisions'))).toEqual([{ count: 0 }]);
    const stored = await readAudit(database, acme, { limit: 1_000_000 });
    expect(stored.length).toBeGreaterThanOrEqual(acknowledged);
    for (const [id, rows] of await readChains(database, acme)) {
      expect(verifyChain(rows, { tenant: acme.id, writer: id })).toMatchObject({ ok: true, sequence: rows.length });
    }
  });
});
