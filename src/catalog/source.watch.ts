import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { LiveConfiguration } from '../config/live-configuration.js';
import type { Tenant } from '../context/tenant.js';
import { RevisionStore } from '../database/revision.store.js';
import { TenantDatabase } from '../tenancy/tenant.database.js';
import { TenantRegistry } from '../tenancy/tenant.registry.js';
import type { ApiSource } from './api.source.js';
import { countChanges } from './approval.js';
import type { Comparison } from './comparison.js';
import type { Validators } from './document.fetch.js';
import { importDocument, type ImportOutcome } from './document.import.js';
import { documentKey } from './document.key.js';
import { returnLease, takeLease, type WatchedSource } from './source.lease.js';
import { StoredDocuments } from './stored-documents.js';

/** One look at a source. */
export interface Look extends WatchedSource {
  readonly tenant: string;
  /** What is looked at, for the log: `document`, `definitions`. */
  readonly what: string;
  /** @returns undefined when there is still what `known` describes */
  read(tenant: Tenant, known: Validators): Promise<{ readonly source: ApiSource; readonly validators: Validators } | undefined>;
  compare(before: ApiSource | undefined, after: ApiSource, tenant: Tenant): Comparison | Promise<Comparison>;
  /** Why it cannot be read, in words for its operator. */
  explain(error: unknown): string;
}

/**
 * Looks at a source that is due, by one replica at a time, and lets what is new in or lets it wait. What cannot be read or has to wait
 * changes nothing: what is in force serves on.
 */
@Injectable()
export class SourceWatch {
  readonly #logger = new Logger(SourceWatch.name);
  readonly #owner = randomUUID();

  constructor(
    private readonly live: LiveConfiguration,
    private readonly tenants: TenantRegistry,
    private readonly database: TenantDatabase,
    private readonly revisions: RevisionStore,
  ) {}

  async look(look: Look): Promise<void> {
    const tenant = this.tenants.find(look.tenant);
    if (tenant?.state !== 'active') return;
    try {
      await this.#lookAt(look, tenant);
    } catch (error) {
      this.#logger.warn({ msg: `${look.what} were not refreshed, trying again`, source: documentKey(look), err: error });
    }
  }

  async #lookAt(look: Look, tenant: Tenant): Promise<void> {
    const lease = await takeLease(this.database, tenant, look, this.#owner);
    if (!lease) return;
    try {
      const read = await look.read(tenant, lease.validators);
      const held = await returnLease(this.database, tenant, look.name, read ? { ...lease, validators: read.validators } : lease, null);
      if (read && held) await this.#import(look, tenant, read.source);
    } catch (error) {
      const failure = look.explain(error);
      await returnLease(this.database, tenant, look.name, lease, failure);
      const serves = this.live.current.documents[documentKey(look)] === undefined ? 'there is nothing of it yet' : 'what is in force serves on';
      this.#logger.warn(`${look.what} of ${documentKey(look)} cannot be refreshed, ${serves}: ${failure}`);
    }
  }

  async #import(look: Look, tenant: Tenant, source: ApiSource): Promise<void> {
    const key = documentKey(look);
    const inForce = this.live.current.documents[key];
    const outcome = await importDocument(new StoredDocuments(this.database, tenant), { name: look.name, source, inForce, compare: (before) => look.compare(before, source, tenant) });
    if (outcome.kind === 'adopted') await this.revisions.adopt(key, inForce ?? null, outcome.read);
    this.#report(look, outcome);
  }

  #report(look: Look, { kind, read, changes }: ImportOutcome): void {
    const document = read.slice(0, 12);
    const key = documentKey(look);
    if (kind === 'adopted') this.#logger.log({ msg: `new ${look.what} of ${key} in force`, document, changes: countChanges(changes) });
    if (kind === 'waiting') this.#logger.warn({ msg: `new ${look.what} of ${key} waiting for approval, what is in force serves on`, document, changes: countChanges(changes) });
  }
}
