import { createEgressAgent, type EgressAgent } from '@gatehouse-mcp/egress';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { ApiSettings } from '../config/configuration.schema.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import { compareDocuments } from './comparison.thread.js';
import { documentKey } from './document.key.js';
import { describeReadFailure, SourceReader } from './source.reader.js';
import { SourceWatch, type Look } from './source.watch.js';
import { WatchTimer } from './watch.timer.js';

/** Looks at documents at addresses again, each as often as its `refresh` says. */
@Injectable()
export class DocumentRefresher implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #agent: EgressAgent;
  readonly #ending = new AbortController();
  readonly #timer = new WatchTimer(() => this.#refreshAll());

  constructor(
    private readonly live: LiveConfiguration,
    private readonly watch: SourceWatch,
  ) {
    this.#agent = createEgressAgent(() => live.current.egress);
  }

  onApplicationBootstrap(): void {
    this.#timer.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#ending.abort();
    await this.#agent.destroy();
    await this.#timer.stop();
  }

  /** Refreshes every API that is due now; one pass at a time. */
  async refreshDue(): Promise<void> {
    await this.#timer.runNow();
  }

  async #refreshAll(): Promise<void> {
    for (const settings of this.live.current.settings.apis) if (settings.refresh !== undefined) await this.watch.look(this.#lookAt(settings, settings.refresh));
  }

  #lookAt(settings: ApiSettings, refresh: number): Look {
    const { name, tenant, openapi: url } = settings;
    return {
      name,
      tenant,
      url,
      refresh,
      what: 'documents',
      read: (of, known) => new SourceReader('/', this.#agent.forTenant(of.name)).read(settings, known),
      compare: (before, after) => compareDocuments({ settings, overlays: this.live.current.overlays[documentKey(settings)] ?? [], after, ...(before === undefined ? {} : { before }) }, this.#ending.signal),
      explain: describeReadFailure,
    };
  }
}
