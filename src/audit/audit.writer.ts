import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { DATABASE_URLS } from '../database/database.module.js';
import type { DatabaseUrls } from '../database/database-urls.js';
import type { Tenant } from '../context/tenant.js';
import { GatewayError } from '../errors/gateway.error.js';
import type { AuditRecord } from './audit-record.js';
import { AuditChains } from './audit.chains.js';
import { auditUnavailable } from './audit.error.js';
import { byTenant, keepNewest, type PendingRecord } from './audit.queue.js';
import { RefusalWindows } from './audit.refusals.js';
import { toStoredRecord } from './audit.row.js';
import { AuditStore, type WriteOutcome } from './audit.store.js';

/** Largest group of one transaction. */
const groupLimit = 500;
/** Records that may wait; above it intents are refused. */
const queueLimit = 10_000;
const retryMs = 500;
const drainMs = 5_000;

/**
 * Makes audit records durable by group commit: what arrives while a group is written goes out as the next one. A group
 * that fails refuses its intents and keeps everything else, in order, for the next attempt.
 */
@Injectable()
export class AuditWriter implements OnApplicationShutdown {
  readonly #logger = new Logger(AuditWriter.name);
  readonly #store: AuditStore;
  readonly #chains = new AuditChains();
  readonly #refusals = new RefusalWindows();
  #queue: PendingRecord[] = [];
  /** Not intents: what failed and waits for the next attempt. */
  #kept: PendingRecord[] = [];
  #running: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failing = false;
  #closed = false;
  #ended = false;

  constructor(@Inject(DATABASE_URLS) urls: DatabaseUrls) {
    this.#store = new AuditStore(urls.url);
  }

  /** False while the last group failed: a replica that cannot record cannot call. */
  get isReady(): boolean {
    return !this.#failing && !this.#closed;
  }

  /** Resolves when the intent is durable; rejects with 503 when it is not, and then the call must not be made. */
  async intent(tenant: Tenant, record: AuditRecord): Promise<void> {
    if (!this.isReady || this.#queue.length >= queueLimit) throw unavailable();
    return this.#add(tenant, record, true);
  }

  /** Resolves when the outcome is durable, or is kept for another attempt. The call was made: its answer never waits for a repair. */
  async outcome(tenant: Tenant, record: AuditRecord): Promise<void> {
    return this.#add(tenant, record, false);
  }

  /** A verified caller's refusal. Resolves like an outcome; of `rate_limited` only the first in ten seconds is kept. */
  async refused(tenant: Tenant, record: AuditRecord): Promise<void> {
    if (record.decision === 'rate_limited' && !this.#refusals.isFirst(tenant.id, record, performance.now())) return;
    if (this.#queue.length >= queueLimit) throw unavailable();
    return this.#add(tenant, record, false);
  }

  /** Refuses new intents and writes what waits, for five seconds at most. */
  async drain(): Promise<void> {
    this.#closed = true;
    const deadline = performance.now() + drainMs;
    do {
      await this.#running;
      this.#takeKept();
      await this.#run();
    } while (this.#queue.length + this.#kept.length > 0 && performance.now() < deadline && (await sleep(retryMs / 5, true)));
    this.#ended = true;
    clearTimeout(this.#retry);
    const lost = this.#queue.length + this.#kept.length;
    if (lost > 0) this.#logger.error(`${lost} audit records could not be written before the end`);
    await this.#store.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.drain();
  }

  #add(tenant: Tenant, record: AuditRecord, isIntent: boolean): Promise<void> {
    const settled = Promise.withResolvers<void>();
    this.#queue.push({ tenant, record: toStoredRecord(record), isIntent, settled });
    // While the sink is down the next attempt takes this record along; an intent does not come this far.
    if (this.#failing && this.#retry) settled.resolve();
    else void this.#run();
    return settled.promise;
  }

  #run(): Promise<void> {
    this.#running ??= this.#writeAll().finally(() => {
      this.#running = undefined;
      // What arrived between the last look at the queue and now found a run that was already over.
      if (this.#queue.length > 0 && !this.#failing) void this.#run();
    });
    return this.#running;
  }

  async #writeAll(): Promise<void> {
    if (this.#failing) this.#takeKept();
    // Calls of the same turn of the event loop share the first group.
    await Promise.resolve();
    if (this.#failing && this.#queue.length === 0) this.#judge(await this.#store.probe());
    const failed: PendingRecord[] = [];
    while (this.#queue.length > 0) {
      failed.push(...(await this.#writeGroup(this.#queue.splice(0, groupLimit))));
      if (this.#failing) break;
    }
    this.#keep(failed);
    if (this.#kept.length > 0 || this.#failing) this.#retryLater();
  }

  /** Writes one group; returns the records that are not durable. */
  async #writeGroup(group: readonly PendingRecord[]): Promise<readonly PendingRecord[]> {
    const tenants = byTenant(group);
    const outcome = await this.#commit([...tenants.values()]);
    // One tenant's broken schema must not refuse the others: each is then written alone.
    if (outcome.state !== 'refused' || tenants.size === 1) return outcome.state === 'committed' ? [] : group;
    const failed: PendingRecord[] = [];
    for (const records of tenants.values()) {
      if ((await this.#commit([records])).state !== 'committed') failed.push(...records);
    }
    return failed;
  }

  async #commit(tenants: readonly (readonly PendingRecord[])[]): Promise<WriteOutcome> {
    const groups = tenants.flatMap((pending) => {
      const tenant = pending[0]?.tenant;
      return tenant ? [this.#chains.place(tenant, pending.map((entry) => entry.record))] : [];
    });
    const outcome = await this.#store.write(groups);
    this.#judge(outcome);
    if (outcome.state === 'unknown') this.#chains.restart();
    if (outcome.state === 'committed') {
      for (const group of groups) this.#chains.advance(group);
      for (const entry of tenants.flat()) entry.settled.resolve();
    }
    return outcome;
  }

  /** Only the sink's own failure makes the replica unready; one tenant's does not. */
  #judge(outcome: WriteOutcome): void {
    const failing = outcome.state === 'failed' || outcome.state === 'unknown';
    if (outcome.state !== 'committed') this.#logger.error(`audit records not written (${outcome.state}): ${String(outcome.cause)}`);
    else if (this.#failing) this.#logger.log('audit records are written again');
    this.#failing = failing;
  }

  /** Refuses the intents of what failed and keeps the rest for the next attempt. */
  #keep(failed: readonly PendingRecord[]): void {
    const waiting = this.#failing ? [...failed, ...this.#queue.splice(0)] : failed;
    for (const entry of waiting) {
      if (entry.isIntent) entry.settled.reject(unavailable());
      else entry.settled.resolve();
    }
    const { kept, dropped } = keepNewest([...this.#kept, ...waiting.filter((entry) => !entry.isIntent)], queueLimit * 2);
    if (dropped > 0) this.#logger.error(`${dropped} audit outcomes given up: too many wait for the database`);
    this.#kept = [...kept];
  }

  /** Puts what was kept before what came later. */
  #takeKept(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#queue = [...this.#kept.splice(0), ...this.#queue];
  }

  #retryLater(): void {
    if (this.#ended) return;
    this.#retry ??= setTimeout(() => {
      this.#takeKept();
      void this.#run();
    }, retryMs);
  }
}

function unavailable(): GatewayError {
  return new GatewayError(auditUnavailable, 'The call was not made: it cannot be recorded now', { headers: { 'retry-after': '2' } });
}
