import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ChangeFeed } from '../../database/change-feed.js';
import { apiKeysTopic, loadApiKeys, touchApiKeys, type StoredApiKey } from './api-key.store.js';

const FLUSH_MS = 30_000;

/** The stored API keys, as a snapshot that is replaced whole when an administrator changes one: a request asks no database. */
@Injectable()
export class ApiKeys implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(ApiKeys.name);
  readonly #listeners: (() => void)[] = [];
  readonly #used = new Map<string, Date>();
  #keys: ReadonlyMap<string, StoredApiKey> = new Map();
  #stop: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(DataSource) private readonly source: DataSource,
    @Inject(ChangeFeed) private readonly feed: ChangeFeed,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#stop = this.feed.on(apiKeysTopic, async () => {
      await this.#load();
      for (const listener of this.#listeners) listener();
    });
    await this.#load();
    this.#timer = setInterval(() => void this.#flush(), FLUSH_MS);
    this.#timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop?.();
    clearInterval(this.#timer);
    await this.#flush();
  }

  /** The listener is called after each change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  find(id: string): StoredApiKey | undefined {
    return this.#keys.get(id);
  }

  /** Notes that the key was used; the database learns of it within half a minute. */
  markUsed(id: string): void {
    this.#used.set(id, new Date());
  }

  async #load(): Promise<void> {
    const keys = await loadApiKeys(this.source);
    this.#keys = new Map(keys.map((key) => [key.id, Object.freeze(key)]));
  }

  async #flush(): Promise<void> {
    const used = [...this.#used];
    this.#used.clear();
    try {
      if (used.length > 0) await touchApiKeys(this.source, used);
    } catch (error) {
      for (const [id, at] of used) if (!this.#used.has(id)) this.#used.set(id, at);
      this.#logger.warn(`when API keys were last used is not written yet: ${error instanceof Error ? error.message : 'unknown error'}`);
    }
  }
}
