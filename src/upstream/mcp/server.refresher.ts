import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Catalogs } from '../../catalog/catalogs.js';
import { compareDefinitions } from '../../catalog/servers/compare-definitions.js';
import { DefinitionsError } from '../../catalog/servers/definitions.error.js';
import { isRecord } from '../../catalog/servers/expected-answer.js';
import { definitionsCall } from '../../catalog/servers/gateway.caller.js';
import { listDefinitions } from '../../catalog/servers/list-definitions.js';
import { parseDefinitions, writeDefinitions } from '../../catalog/servers/server.definitions.js';
import { SourceWatch, type Look } from '../../catalog/source.watch.js';
import { WatchTimer } from '../../catalog/watch.timer.js';
import { LiveConfiguration } from '../../config/live-configuration.js';
import type { ServerSettings } from '../../config/server.schema.js';
import type { Tenant } from '../../context/tenant.js';
import { CredentialChain } from '../../credentials/credential.chain.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { ServerClient } from './server.client.js';
import { ServerStatusError } from './server.exchange.js';

const NOT_ADMITTED: ReadonlySet<number> = new Set([401, 403]);

/** Milliseconds for all lists of one server; the lease of a look is longer. */
const LONGEST = 60_000;

/**
 * Reads what other MCP servers have, at the start, with each new revision and as often as `refresh` says. One that cannot be reached
 * takes nothing away and holds nothing up.
 */
@Injectable()
export class ServerRefresher implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #ending = new AbortController();
  readonly #timer = new WatchTimer(() => this.#refreshAll());

  constructor(
    private readonly live: LiveConfiguration,
    private readonly client: ServerClient,
    private readonly credentials: CredentialChain,
    private readonly watch: SourceWatch,
    private readonly catalogs: Catalogs,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.#timer.start();
    await this.live.follow(async () => () => void this.refreshDue());
  }

  async onApplicationShutdown(): Promise<void> {
    this.#ending.abort();
    await this.#timer.stop();
  }

  /** Reads every server that is due now; one pass at a time. */
  async refreshDue(): Promise<void> {
    await this.#timer.runNow();
  }

  async #refreshAll(): Promise<void> {
    // Side by side: one that hangs does not keep the others waiting.
    await Promise.all(this.live.current.settings.servers.map((server) => (this.#ending.signal.aborted ? undefined : this.watch.look(this.#lookAt(server)))));
  }

  #lookAt(server: ServerSettings): Look {
    const { name, tenant, url, refresh } = server;
    return {
      name,
      tenant,
      url,
      refresh,
      what: 'definitions',
      read: async (of) => ({ source: { document: await this.#read(server, of), externals: {} }, validators: {} }),
      compare: async (before, after, of) => compareDefinitions(server, before && parseDefinitions(before.document), parseDefinitions(after.document), await this.#namesBeside(name, of)),
      explain: explainFailure,
    };
  }

  async #read(server: ServerSettings, tenant: Tenant): Promise<Buffer> {
    const call = definitionsCall(AbortSignal.any([this.#ending.signal, AbortSignal.timeout(LONGEST)]), tenant);
    const credential = await this.credentials.obtainForDiscovery(call, server);
    const capabilities = await this.client.capabilities(call, server, credential);
    return writeDefinitions(await listDefinitions((method, params) => this.client.request(call, server, credential, { method, params }), isRecord(capabilities) ? capabilities : {}));
  }

  /** Names of the tenant's tools that are not the server's: none of its own may look like one of these. */
  async #namesBeside(server: string, tenant: Tenant): Promise<ReadonlySet<string>> {
    const { entries } = await this.catalogs.newestOf(tenant);
    return new Set(entries.filter(({ group }) => group !== server).map(({ name }) => name));
  }
}

function explainFailure(error: unknown): string {
  if (error instanceof ServerStatusError && NOT_ADMITTED.has(error.httpStatus)) return `${error.message}; its discovery credential has to let Gatehouse read its lists`;
  return error instanceof DefinitionsError || error instanceof GatewayError ? error.message : 'it failed unexpectedly';
}
