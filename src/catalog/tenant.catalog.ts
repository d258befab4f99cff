import { Inject, Injectable, Logger, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import type { ApiSettings } from '../config/configuration.schema.js';
import { LiveConfiguration, type LiveSnapshot } from '../config/live-configuration.js';
import type { Tenant } from '../context/tenant.js';
import { TenantDatabase } from '../tenancy/tenant.database.js';
import type { TenantScoped } from '../tenancy/tenant-providers.js';
import { type Catalog, importApi } from './catalog.js';
import { documentKey } from './document.key.js';
import type { Entry } from './entry.js';
import { NativeRegistry } from './native/native.registry.js';
import { StoredDocuments } from './stored-documents.js';

interface LoadedApi {
  readonly fingerprint: string;
  readonly entries: readonly Entry[];
}

/**
 * The catalog of one tenant: loaded at the first call, again after a revision that changes one of its APIs. While a new
 * one loads, or cannot, the one before it serves.
 */
@Injectable({ scope: Scope.REQUEST })
export class TenantCatalog implements TenantScoped {
  readonly #logger = new Logger(TenantCatalog.name);
  #apis: ReadonlyMap<string, LoadedApi> = new Map();
  #catalog: Catalog | undefined;
  #revision: string | undefined;
  #loading: Promise<Catalog> | undefined;

  constructor(
    // A request-scoped provider's REQUEST is what TenantProviders registered: the tenant.
    @Inject(REQUEST) private readonly tenant: Tenant,
    private readonly live: LiveConfiguration,
    private readonly database: TenantDatabase,
    private readonly natives: NativeRegistry,
  ) {}

  /** The catalog in force; awaits the database only when there is none yet. */
  async current(): Promise<Catalog> {
    if (this.#catalog && this.#revision === this.live.current.revision) return this.#catalog;
    const newest = this.newest();
    if (!this.#catalog) return newest;
    newest.catch((error: unknown) => this.#logger.warn({ msg: 'the new catalog cannot be loaded, the one before serves on', tenant: this.tenant.name, err: error }));
    return this.#catalog;
  }

  /** The catalog of the newest revision, once it is loaded. */
  async newest(): Promise<Catalog> {
    while (!this.#catalog || this.#revision !== this.live.current.revision) {
      this.#loading ??= this.#load(this.live.current).finally(() => {
        this.#loading = undefined;
      });
      await this.#loading;
    }
    return this.#catalog;
  }

  close(): void {
    this.#apis = new Map();
    this.#catalog = undefined;
  }

  async #load(snapshot: LiveSnapshot): Promise<Catalog> {
    const apis = new Map<string, LoadedApi>();
    for (const settings of snapshot.settings.apis.filter(({ tenant }) => tenant === this.tenant.name)) {
      apis.set(settings.name, await this.#loadApi(settings, snapshot));
    }
    const changed = apis.size !== this.#apis.size || [...apis].some(([name, api]) => this.#apis.get(name) !== api);
    this.#revision = snapshot.revision;
    if (this.#catalog && !changed) return this.#catalog;
    this.#apis = apis;
    this.#catalog = Object.freeze({ entries: Object.freeze(this.#join([...apis.values()].flatMap(({ entries }) => entries))) });
    return this.#catalog;
  }

  /** What is written for the gateway goes before a document's: none may take its name. */
  #join(entries: readonly Entry[]): readonly Entry[] {
    const own = new Set(this.natives.tools.map(({ name }) => name));
    for (const { name, path } of entries) if (own.has(name)) this.#logger.warn({ msg: 'a tool of an API has the name of a native one, which serves', tenant: this.tenant.name, path });
    return [...this.natives.tools, ...entries.filter(({ name }) => !own.has(name))];
  }

  async #loadApi(settings: ApiSettings, { documents, overlays }: LiveSnapshot): Promise<LoadedApi> {
    const key = documentKey(settings);
    const hash = documents[key] ?? '';
    const fingerprint = JSON.stringify([hash, settings, overlays[key]]);
    const known = this.#apis.get(settings.name);
    if (known?.fingerprint === fingerprint) return known;
    const source = await new StoredDocuments(this.database, this.tenant).read(settings.name, hash);
    return { fingerprint, entries: importApi(settings, source, overlays[key]).entries };
  }
}
