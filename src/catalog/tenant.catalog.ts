import { Inject, Injectable, Logger, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import type { ApiSettings } from '../config/configuration.schema.js';
import { LiveConfiguration, type LiveSnapshot } from '../config/live-configuration.js';
import type { ServerSettings } from '../config/server.schema.js';
import type { Tenant } from '../context/tenant.js';
import { TenantDatabase } from '../tenancy/tenant.database.js';
import type { TenantScoped } from '../tenancy/tenant-providers.js';
import { toPromptEntry } from './api-prompt.js';
import type { ApiSource } from './api.source.js';
import { type Catalog, importApi } from './catalog.js';
import { documentKey } from './document.key.js';
import { joinCatalog, OwnEntries } from './own.entries.js';
import { importServer, NOTHING_IMPORTED, type ServerImport } from './servers/import-server.js';
import { parseDefinitions } from './servers/server.definitions.js';
import { StoredDocuments } from './stored-documents.js';

/** An API or server, as one revision made it. */
interface Loaded extends Omit<ServerImport, 'entries' | 'prompts'>, Pick<Catalog, 'entries' | 'prompts'> {
  readonly fingerprint: string;
}

/**
 * The catalog of one tenant: loaded at the first call, again after a revision that changes one of its APIs or servers. While a new
 * one loads, or cannot, the one before it serves.
 */
@Injectable({ scope: Scope.REQUEST })
export class TenantCatalog implements TenantScoped {
  readonly #logger = new Logger(TenantCatalog.name);
  #loaded: ReadonlyMap<string, Loaded> = new Map();
  #catalog: Catalog | undefined;
  #revision: string | undefined;
  #loading: Promise<Catalog> | undefined;

  constructor(
    // A request-scoped provider's REQUEST is what TenantProviders registered: the tenant.
    @Inject(REQUEST) private readonly tenant: Tenant,
    private readonly live: LiveConfiguration,
    private readonly database: TenantDatabase,
    private readonly own: OwnEntries,
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
    this.#loaded = new Map();
    this.#catalog = undefined;
  }

  async #load(snapshot: LiveSnapshot): Promise<Catalog> {
    const { apis, servers } = snapshot.settings;
    const loaded = new Map<string, Loaded>();
    for (const settings of apis.filter(({ tenant }) => tenant === this.tenant.name)) loaded.set(settings.name, await this.#loadApi(settings, snapshot));
    // By name, which decides which of two equal URIs serves.
    const sorted = servers.filter(({ tenant }) => tenant === this.tenant.name).toSorted((one, other) => (one.name < other.name ? -1 : 1));
    for (const settings of sorted) loaded.set(settings.name, await this.#loadServer(settings, snapshot));
    const changed = loaded.size !== this.#loaded.size || [...loaded].some(([name, one]) => this.#loaded.get(name) !== one);
    this.#revision = snapshot.revision;
    if (this.#catalog && !changed) return this.#catalog;
    this.#loaded = loaded;
    this.#catalog = joinCatalog(this.own, [...loaded.values()], (msg, detail) => this.#logger.warn({ msg, tenant: this.tenant.name, ...detail }));
    return this.#catalog;
  }

  async #loadApi(settings: ApiSettings, { documents, overlays }: LiveSnapshot): Promise<Loaded> {
    const key = documentKey(settings);
    const hash = documents[key] ?? '';
    return this.#reuse(settings.name, JSON.stringify([hash, settings, overlays[key]]), async () => {
      const { entries, prompts } = importApi(settings, await this.#read(settings.name, hash), overlays[key]);
      return { entries, resources: [], prompts: prompts.map((prompt) => toPromptEntry(settings.name, prompt)) };
    });
  }

  /** A server that nobody has read yet has nothing. */
  async #loadServer(settings: ServerSettings, { documents }: LiveSnapshot): Promise<Loaded> {
    const hash = documents[documentKey(settings)];
    return this.#reuse(settings.name, JSON.stringify([hash ?? null, settings]), async () => {
      if (hash === undefined) return NOTHING_IMPORTED;
      const { document } = await this.#read(settings.name, hash);
      return importServer({ kind: 'remote', settings }, parseDefinitions(document));
    });
  }

  /** What is made of the same settings and the same text stays. */
  async #reuse(name: string, fingerprint: string, make: () => Promise<Omit<Loaded, 'fingerprint'>>): Promise<Loaded> {
    const known = this.#loaded.get(name);
    return known?.fingerprint === fingerprint ? known : { fingerprint, ...(await make()) };
  }

  #read(name: string, hash: string): Promise<ApiSource> {
    return new StoredDocuments(this.database, this.tenant).read(name, hash);
  }
}
