import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { bump, ChangeFeed } from './change-feed.js';
import { onDatabase } from './database.error.js';

const topic = 'resource-changes';
/** Seconds for which a change is looked at again: commits may become visible in another order than they were numbered. */
const LOOK_BACK_S = 30;
const KEPT = '5 minutes';

/** A resource whose content is another one now. */
export interface ResourceChange {
  /** Tenant id. */
  readonly tenant: string;
  /** Whose it is, where it is one user's alone: only this user is told. */
  readonly owner?: { readonly issuer: string; readonly subject: string } | undefined;
  readonly uri: string;
}

/** What every replica is to tell those who subscribed to a resource, within seconds. A change that nobody heard of in time is not told. */
@Injectable()
export class ResourceChanges implements OnModuleInit {
  readonly #listeners: ((change: ResourceChange) => void)[] = [];
  #seen = new Set<string>();

  constructor(
    @Inject(DataSource) private readonly source: DataSource,
    @Inject(ChangeFeed) private readonly feed: ChangeFeed,
  ) {}

  onModuleInit(): void {
    this.feed.on(topic, () => this.#load());
  }

  onChange(listener: (change: ResourceChange) => void): void {
    this.#listeners.push(listener);
  }

  async announce({ tenant, owner, uri }: ResourceChange): Promise<void> {
    await onDatabase(() =>
      this.source.transaction(async (transaction) => {
        await transaction.query(`DELETE FROM gatehouse.resource_changes WHERE changed_at < now() - interval '${KEPT}'`);
        await transaction.query('INSERT INTO gatehouse.resource_changes (tenant, owner, uri) VALUES ($1, $2, $3)', [tenant, owner ? JSON.stringify([owner.issuer, owner.subject]) : null, uri]);
        await bump(transaction, topic);
      }),
    );
  }

  async #load(): Promise<void> {
    const rows = await onDatabase(() =>
      this.source.query<{ id: string; tenant: string; owner: string | null; uri: string }[]>(
        'SELECT id, tenant, owner, uri FROM gatehouse.resource_changes WHERE changed_at > now() - make_interval(secs => $1) ORDER BY id',
        [LOOK_BACK_S],
      ),
    );
    const before = this.#seen;
    this.#seen = new Set(rows.map(({ id }) => id));
    for (const { id, tenant, owner, uri } of rows) {
      if (before.has(id)) continue;
      // As announce has written it.
      const [issuer, subject] = owner === null ? [] : (JSON.parse(owner) as [string, string]);
      for (const listener of this.#listeners) listener({ tenant, uri, ...(issuer === undefined || subject === undefined ? {} : { owner: { issuer, subject } }) });
    }
  }
}
