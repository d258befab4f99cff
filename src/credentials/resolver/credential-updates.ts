import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { bump, ChangeFeed } from '../../database/change-feed.js';
import { onDatabase } from '../../database/database.error.js';

/** Topic that moves when a credential service said that something changed. */
const updatesTopic = 'credential-updates';
/** Seconds for which an update is looked at again: commits may become visible in another order than they were numbered. */
const LOOK_BACK_S = 60;
/** Longer than a delivery may be late: until then it is known when it comes again. */
const KEPT = '1 hour';

/** What a credential service says has changed. */
export interface CredentialUpdate {
  /** Tenant id. */
  readonly tenant: string;
  readonly baseUrl: string;
  readonly service: string;
  readonly userId: string;
}

/** Updates as every replica hears of them: each delivery once, within seconds. */
@Injectable()
export class CredentialUpdates implements OnModuleInit {
  readonly #listeners: ((update: CredentialUpdate) => void)[] = [];
  #seen = new Set<string>();
  #loadedAt = performance.now();

  constructor(
    private readonly source: DataSource,
    private readonly feed: ChangeFeed,
  ) {}

  onModuleInit(): void {
    this.feed.on(updatesTopic, () => this.#load());
  }

  onUpdate(listener: (update: CredentialUpdate) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Stores what one delivery says and tells every replica.
   * @param delivery names it; the same one is stored once
   * @returns false for one that came before
   */
  async receive(delivery: Buffer, updates: readonly CredentialUpdate[]): Promise<boolean> {
    return onDatabase(() =>
      this.source.transaction(async (transaction) => {
        await transaction.query(`DELETE FROM gatehouse.credential_updates WHERE received_at < now() - interval '${KEPT}'`);
        const stored = await transaction.query<unknown[]>('INSERT INTO gatehouse.credential_updates (delivery, updates) VALUES ($1, $2) ON CONFLICT (delivery) DO NOTHING RETURNING id', [delivery, JSON.stringify(updates)]);
        if (stored.length === 0) return false;
        await bump(transaction, updatesTopic);
        return true;
      }),
    );
  }

  async #load(): Promise<void> {
    const now = performance.now();
    // Back to the last time that anything was heard: the database may have been away since then.
    const since = (now - this.#loadedAt) / 1_000 + LOOK_BACK_S;
    const rows = await onDatabase(() =>
      this.source.query<{ id: string; updates: CredentialUpdate[] }[]>('SELECT id, updates FROM gatehouse.credential_updates WHERE received_at > now() - make_interval(secs => $1)', [since]),
    );
    this.#loadedAt = now;
    const before = this.#seen;
    this.#seen = new Set(rows.map(({ id }) => id));
    for (const { id, updates } of rows) if (!before.has(id)) for (const update of updates) for (const listener of this.#listeners) listener(update);
  }
}
