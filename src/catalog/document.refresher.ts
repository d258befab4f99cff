import { randomUUID } from 'node:crypto';
import { createEgressAgent, type EgressAgent } from '@gatehouse-mcp/egress';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { ApiSettings } from '../config/configuration.schema.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import type { Tenant } from '../context/tenant.js';
import { RevisionStore } from '../database/revision.store.js';
import { TenantDatabase } from '../tenancy/tenant.database.js';
import { TenantRegistry } from '../tenancy/tenant.registry.js';
import { countChanges } from './approval.js';
import { importDocument, type ImportOutcome } from './document.import.js';
import { documentKey } from './document.key.js';
import { returnLease, takeLease } from './source.lease.js';
import { describeReadFailure, SourceReader } from './source.reader.js';
import { StoredDocuments } from './stored-documents.js';

const TICK_MS = 15_000;

/**
 * Looks at documents at addresses again, each as often as its `refresh` says and by one replica at a time. What cannot be read
 * or has to wait changes nothing: the document in force serves on.
 */
@Injectable()
export class DocumentRefresher implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(DocumentRefresher.name);
  readonly #owner = randomUUID();
  readonly #agent: EgressAgent;
  readonly #ending = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(
    private readonly live: LiveConfiguration,
    private readonly tenants: TenantRegistry,
    private readonly database: TenantDatabase,
    private readonly revisions: RevisionStore,
  ) {
    this.#agent = createEgressAgent(() => live.current.egress);
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.refreshDue(), TICK_MS);
    this.#timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    this.#ending.abort();
    await this.#agent.destroy();
    await this.#running;
  }

  /** Refreshes every API that is due now; one pass at a time. */
  async refreshDue(): Promise<void> {
    this.#running ??= this.#refreshAll().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #refreshAll(): Promise<void> {
    for (const settings of this.live.current.settings.apis) {
      const tenant = this.tenants.find(settings.tenant);
      if (settings.refresh === undefined || tenant?.state !== 'active') continue;
      try {
        await this.#refresh(settings, tenant);
      } catch (error) {
        this.#logger.warn({ msg: 'a document was not refreshed, trying again', api: documentKey(settings), err: error });
      }
    }
  }

  async #refresh(settings: ApiSettings, tenant: Tenant): Promise<void> {
    const lease = await takeLease(this.database, tenant, settings, this.#owner);
    if (!lease) return;
    try {
      const read = await new SourceReader('/', this.#agent.forTenant(tenant.name)).read(settings, lease.validators);
      const held = await returnLease(this.database, tenant, settings.name, read ? { ...lease, validators: read.validators } : lease, null);
      if (read && held) await this.#import(settings, tenant, read.source);
    } catch (error) {
      const failure = describeReadFailure(error);
      await returnLease(this.database, tenant, settings.name, lease, failure);
      this.#logger.warn(`the document of ${documentKey(settings)} cannot be refreshed, the one in force serves on: ${failure}`);
    }
  }

  async #import(settings: ApiSettings, tenant: Tenant, source: Parameters<typeof importDocument>[1]['source']): Promise<void> {
    const { documents, overlays } = this.live.current;
    const key = documentKey(settings);
    const inForce = documents[key];
    if (inForce === undefined) return;
    const outcome = await importDocument(new StoredDocuments(this.database, tenant), { settings, overlays: overlays[key] ?? [], source, inForce, signal: this.#ending.signal });
    if (outcome.kind === 'adopted') await this.revisions.adopt(key, inForce, outcome.read);
    this.#report(key, outcome);
  }

  #report(api: string, { kind, read, changes }: ImportOutcome): void {
    const document = read.slice(0, 12);
    if (kind === 'adopted') this.#logger.log({ msg: `a new document of ${api} is in force`, document, changes: countChanges(changes) });
    if (kind === 'waiting') this.#logger.warn({ msg: `a new document of ${api} waits for approval, the one in force serves on`, document, changes: countChanges(changes) });
  }
}
