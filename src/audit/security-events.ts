import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { escapeField } from '@gatehouse-mcp/audit-chain';
import { DataSource } from 'typeorm';

const windowMs = 10_000;
/** Distinct rows of one window; whoever comes after is counted under the address `*`, so nobody can fill the disk. */
const keyLimit = 256;
const keptWindows = 6;
const retention = '90 days';

interface Count {
  readonly window_start: string;
  readonly reason: string;
  readonly provider: string;
  readonly address: string;
  count: number;
}

/** Refusals of callers without a tenant, counted in windows of ten seconds; a request never waits for the disk. */
@Injectable()
export class SecurityEvents implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(SecurityEvents.name);
  readonly #source: DataSource;
  #windows = new Map<string, Map<string, Count>>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;

  constructor(source: DataSource) {
    this.#source = source;
  }

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.flush(), windowMs);
    this.#timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushing;
    await this.flush();
  }

  /** Counts one refusal. `reason` and `provider` are our own words, `address` is the socket's. */
  count(reason: string, provider: string, address: string): void {
    const start = new Date(Math.floor(Date.now() / windowMs) * windowMs).toISOString();
    const counts = this.#windows.get(start) ?? new Map<string, Count>();
    this.#windows.set(start, counts);
    const known = counts.get(keyOf(reason, provider, address));
    if (known) known.count += 1;
    else this.#open(counts, start, [escapeField(reason), escapeField(provider), counts.size < keyLimit ? escapeField(address) : '*']);
  }

  /** Adds what was counted to the table; what cannot be written is kept for a minute. */
  flush(): Promise<void> {
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  #open(counts: Map<string, Count>, start: string, [reason, provider, address]: readonly [string, string, string]): void {
    const key = keyOf(reason, provider, address);
    const known = counts.get(key);
    if (known) known.count += 1;
    else counts.set(key, { window_start: start, reason, provider, address, count: 1 });
  }

  async #write(): Promise<void> {
    const windows = this.#windows;
    if (windows.size === 0) return;
    this.#windows = new Map();
    const rows = [...windows.values()].flatMap((counts) => [...counts.values()]);
    try {
      await this.#source.query(
        `INSERT INTO gatehouse.security_events AS e (window_start, reason, provider, address, count)
         SELECT * FROM json_to_recordset($1::json)
           AS r (window_start timestamptz, reason text, provider text, address text, count bigint)
         ON CONFLICT (window_start, reason, provider, address) DO UPDATE SET count = e.count + excluded.count`,
        [JSON.stringify(rows)],
      );
      await this.#source.query('DELETE FROM gatehouse.security_events WHERE window_start < now() - $1::interval', [retention]);
    } catch (error) {
      this.#logger.warn(`security events not written, trying again: ${String(error)}`);
      this.#putBack(windows);
    }
  }

  #putBack(windows: Map<string, Map<string, Count>>): void {
    const newer = this.#windows;
    this.#windows = new Map([...windows].slice(-keptWindows));
    for (const [start, counts] of newer) {
      const kept = this.#windows.get(start);
      if (!kept) this.#windows.set(start, counts);
      else for (const [key, count] of counts) addTo(kept, key, count);
    }
  }
}

function addTo(counts: Map<string, Count>, key: string, added: Count): void {
  const known = counts.get(key);
  if (known) known.count += added.count;
  else counts.set(key, added);
}

function keyOf(reason: string, provider: string, address: string): string {
  return JSON.stringify([reason, provider, address]);
}
