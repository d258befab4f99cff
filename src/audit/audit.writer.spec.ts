import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyChain } from '@gatehouse-mcp/audit-chain';
import { Secret } from '@gatehouse-mcp/oauth';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { startTestDatabase } from '../../test/tools/postgres.js';
import { TcpProxy } from '../../test/tools/tcp-proxy.js';
import { setUpTenants } from '../../test/tools/tenants.js';
import type { Tenant } from '../context/tenant.js';
import { TenantDatabase } from '../tenancy/tenant.database.js';
import type { AuditRecord } from './audit-record.js';
import { readAudit, readChains } from './audit.reader.js';
import { AuditWriter } from './audit.writer.js';

function record(change: Partial<AuditRecord> = {}): AuditRecord {
  return {
    callId: randomUUID(), kind: 'intent', at: new Date().toISOString(), requestId: 'r-1', issuer: 'https://idp.example', subject: 'alice',
    clientId: 'agent', actor: 'gatehouse', api: 'orders', tool: 'orders.create', decision: 'allowed', result: null, upstreamStatus: null,
    durationMs: null, scopes: ['orders:read', 'a "quoted", {odd} one'], argumentDigest: 'a'.repeat(64), address: '127.0.0.1', ...change,
  };
}

describe('AuditWriter', () => {
  let database: Awaited<ReturnType<typeof startTestDatabase>>;
  let source: DataSource;
  let tenants: Readonly<Record<'acme' | 'globex', Tenant>>;
  let reads: TenantDatabase;
  let admin: Client;
  let proxy: TcpProxy;
  let writer: AuditWriter;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    database = await startTestDatabase();
    ({ source, tenants } = await setUpTenants(database.urls, ['acme', 'globex']));
    reads = new TenantDatabase(source);
    admin = new Client({ connectionString: database.urls.adminUrl?.reveal() });
    await admin.connect();
  });

  beforeEach(async () => {
    for (const tenant of Object.values(tenants)) await admin.query(`TRUNCATE "${tenant.schema}".audit`);
    const wire = await TcpProxy.before(database.urls.url.reveal());
    proxy = wire.proxy;
    writer = new AuditWriter({ ...database.urls, url: new Secret(wire.url) });
  });

  afterEach(async () => {
    proxy.isDown = proxy.isSilent = false;
    await writer.drain();
    await proxy.close();
  });

  afterAll(async () => {
    await Promise.all([admin?.end(), source?.destroy()]);
    await database?.stop();
  });

  const countOf = async (tenant: Tenant): Promise<number> => Number((await admin.query<{ count: string }>(`SELECT count(*) FROM "${tenant.schema}".audit`)).rows[0]?.count);

  async function expectWholeChains(tenant: Tenant): Promise<number> {
    const chains = await readChains(reads, tenant);
    for (const [id, rows] of chains) expect(verifyChain(rows, { tenant: tenant.id, writer: id })).toMatchObject({ ok: true, sequence: rows.length });
    return chains.size;
  }

  it('has the intent in the table when it resolves, every field as it was given', async () => {
    const intent = record({ durationMs: 12.345, upstreamStatus: 201, result: 'success', kind: 'outcome' });
    await writer.outcome(tenants.acme, intent);
    const [entry] = await readAudit(reads, tenants.acme, { limit: 10 });
    expect(entry).toMatchObject({ ...intent, sequence: 1 });
    expect(await countOf(tenants.globex)).toBe(0);
  });

  it('writes what is queued as one transaction over all tenants, each in its own whole chain', async () => {
    await writer.intent(tenants.acme, record());
    const queued = Array.from({ length: 200 }, (_, index) => writer.intent(index % 2 === 0 ? tenants.acme : tenants.globex, record()));
    await Promise.all(queued);
    const groups = await admin.query(`SELECT DISTINCT xmin::text FROM (SELECT xmin FROM "${tenants.acme.schema}".audit UNION ALL SELECT xmin FROM "${tenants.globex.schema}".audit) all_rows`);
    expect(groups.rowCount).toBe(2);
    expect([await countOf(tenants.acme), await countOf(tenants.globex)]).toEqual([101, 100]);
    expect(await expectWholeChains(tenants.acme)).toBe(1);
    expect(await expectWholeChains(tenants.globex)).toBe(1);
  });

  it('keeps one record of hostile fields, escaped and cut, and verifiable', async () => {
    const hostile = record({ subject: 'a\r\nb|c=d\u001b[2J\u202e\0', tool: 'x'.repeat(10 * 1024 * 1024), scopes: ['\ud800', '\n'] });
    await writer.refused(tenants.acme, hostile);
    const entries = await readAudit(reads, tenants.acme, { limit: 10 });
    expect(entries).toHaveLength(1);
    expect(entries[0]?.subject).toBe('a\\u{d}\\u{a}b|c=d\\u{1b}[2J\\u{202e}\\u{0}');
    expect(entries[0]?.tool).toMatch(/^x{1024}\\truncated\{10485760,[0-9a-f]{64}\}$/);
    await expectWholeChains(tenants.acme);
  });

  it('finds an edited and a deleted row', async () => {
    for (let index = 0; index < 4; index++) await writer.intent(tenants.acme, record());
    await admin.query(`UPDATE "${tenants.acme.schema}".audit SET subject = 'mallory' WHERE seq = 2`);
    const [[id, rows] = ['', []]] = [...(await readChains(reads, tenants.acme))];
    expect(verifyChain(rows, { tenant: tenants.acme.id, writer: id })).toEqual({ ok: false, sequence: 2, problem: 'edited' });
    expect(verifyChain(rows.toSpliced(2, 1), { tenant: tenants.acme.id, writer: id })).toMatchObject({ ok: false });
  });

  it('refuses the intent while the database is away, says so to the probe, and goes on without a gap', async () => {
    await writer.intent(tenants.acme, record());
    proxy.isDown = true;
    proxy.cut();
    await sleep(20);
    await expect(writer.intent(tenants.acme, record())).rejects.toMatchObject({ code: 'audit_unavailable', status: 503 });
    expect(writer.isReady).toBe(false);
    await expect(writer.intent(tenants.acme, record())).rejects.toMatchObject({ code: 'audit_unavailable' });
    proxy.isDown = false;
    await until(() => writer.isReady);
    await writer.intent(tenants.acme, record());
    expect(await countOf(tenants.acme)).toBe(2);
    await expectWholeChains(tenants.acme);
  });

  it('heals without a failed intent when its idle connection was lost', async () => {
    await writer.intent(tenants.acme, record());
    proxy.cut();
    await sleep(20);
    await writer.intent(tenants.acme, record());
    expect(await expectWholeChains(tenants.acme)).toBe(1);
  });

  it('writes outcomes of the dark time later, in their order', async () => {
    await writer.intent(tenants.acme, record());
    proxy.isDown = true;
    proxy.cut();
    await sleep(20);
    for (const callId of ['o1', 'o2', 'o3']) await writer.outcome(tenants.acme, record({ kind: 'outcome', callId }));
    expect(writer.isReady).toBe(false);
    proxy.isDown = false;
    await until(() => writer.isReady);
    const outcomes = (await readAudit(reads, tenants.acme, { limit: 10 })).filter((entry) => entry.kind === 'outcome');
    expect(outcomes.sort((left, right) => left.sequence - right.sequence).map((entry) => entry.callId)).toEqual(['o1', 'o2', 'o3']);
    await expectWholeChains(tenants.acme);
  });

  it.each([
    ['arrived', true],
    ['did not arrive', false],
  ])('leaves whole chains when COMMIT %s but was never answered', async (_name, deliver) => {
    await writer.intent(tenants.acme, record());
    proxy.cutAt = { text: 'COMMIT', deliver };
    await expect(writer.intent(tenants.acme, record({ callId: 'unknown' }))).rejects.toMatchObject({ code: 'audit_unavailable' });
    await until(() => writer.isReady);
    await writer.intent(tenants.acme, record({ callId: 'later' }));
    expect(await countOf(tenants.acme)).toBe(deliver ? 3 : 2);
    expect(await expectWholeChains(tenants.acme)).toBe(2);
  });

  it('gives up on a silent network within its time limit', async () => {
    await writer.intent(tenants.acme, record());
    proxy.isSilent = true;
    const started = performance.now();
    await expect(writer.intent(tenants.acme, record())).rejects.toMatchObject({ code: 'audit_unavailable' });
    expect(performance.now() - started).toBeLessThan(6_500);
  });

  it('refuses only the tenant whose table is broken', async () => {
    await admin.query(`ALTER TABLE "${tenants.globex.schema}".audit RENAME TO away`);
    try {
      const results = await Promise.allSettled([writer.intent(tenants.globex, record()), writer.intent(tenants.acme, record()), writer.outcome(tenants.globex, record({ callId: 'kept' }))]);
      expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
      expect(writer.isReady).toBe(true);
      await writer.intent(tenants.acme, record());
    } finally {
      await admin.query(`ALTER TABLE "${tenants.globex.schema}".away RENAME TO audit`);
    }
    await until(async () => (await countOf(tenants.globex)) === 1);
    expect(await countOf(tenants.acme)).toBe(2);
    await expectWholeChains(tenants.acme);
    await expectWholeChains(tenants.globex);
  });

  it('refuses intents beyond the bound of the queue and keeps the others', async () => {
    await writer.intent(tenants.acme, record());
    const shared = record();
    const all = await Promise.allSettled(Array.from({ length: 10_200 }, () => writer.intent(tenants.acme, shared)));
    const refused = all.filter((result) => result.status === 'rejected').length;
    expect(refused).toBeGreaterThan(0);
    expect(await countOf(tenants.acme)).toBe(10_201 - refused);
  });

  it('keeps one rate-limited refusal for each caller and tool in ten seconds', async () => {
    const limited = { kind: 'refused', decision: 'rate_limited' } as const;
    for (let index = 0; index < 5; index++) await writer.refused(tenants.acme, record(limited));
    await writer.refused(tenants.acme, record({ ...limited, subject: 'bob' }));
    await writer.refused(tenants.acme, record({ ...limited, tool: 'orders.list' }));
    for (let index = 0; index < 2; index++) await writer.refused(tenants.acme, record({ kind: 'refused', decision: 'not_found' }));
    expect(await countOf(tenants.acme)).toBe(5);
  });

  it('writes what waits before it ends, and no intent afterwards', async () => {
    const waiting = [writer.intent(tenants.acme, record()), writer.outcome(tenants.acme, record({ kind: 'outcome' }))];
    await writer.drain();
    await Promise.all(waiting);
    expect(await countOf(tenants.acme)).toBe(2);
    await expect(writer.intent(tenants.acme, record())).rejects.toMatchObject({ code: 'audit_unavailable' });
    // PostgreSQL's own process ends a moment after its connection.
    await until(async () => (await admin.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'gatehouse-audit'`)).rowCount === 0);
  });

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 5_000;
    while (!(await holds())) {
      if (performance.now() > deadline) throw new Error('it did not happen within 5 s');
      await sleep(20);
    }
  }
});
