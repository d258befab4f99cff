import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ChangeFeed } from './change-feed.js';
import type { DatabaseUrls } from './database-urls.js';
import { connectionRefusal } from './database.error.js';
import { DatabaseHealth } from './database.health.js';
import { GatewayKeys } from './gateway-keys.js';
import { ResourceChanges } from './resource.changes.js';
import { RevisionStore } from './revision.store.js';
import { runtimeOptions, type EntityClass, type PoolSize } from './database.options.js';

/** Injection token of the URLs, for the audit writer's own connection. */
export const DATABASE_URLS = Symbol('DATABASE_URLS');

/** Opens the shared pool, or fails with one line that names the setting. */
export async function openDataSource(urls: DatabaseUrls, entities: readonly EntityClass[], pool: PoolSize = { max: 10 }): Promise<DataSource> {
  const source = new DataSource(runtimeOptions(urls.url, entities, pool));
  try {
    return await source.initialize();
  } catch (error) {
    throw connectionRefusal('database.url', error);
  }
}

/** Opened after the pool, and closes it when it fails: Nest closes nothing of a start that failed. */
async function openChangeFeed(urls: DatabaseUrls, source: DataSource): Promise<ChangeFeed> {
  const feed = new ChangeFeed(urls.directUrl);
  try {
    await feed.start();
  } catch (error) {
    await feed.onApplicationShutdown();
    await source.destroy();
    throw connectionRefusal('database.directUrl', error);
  }
  return feed;
}

/** The one DataSource, the change feed and the probe. Global, so it is started first and closed last. */
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  readonly #source: DataSource;

  constructor(source: DataSource) {
    this.#source = source;
  }

  static forUrls(urls: DatabaseUrls, entities: readonly EntityClass[], pool?: PoolSize): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: DATABASE_URLS, useValue: urls },
        { provide: DataSource, useFactory: () => openDataSource(urls, entities, pool) },
        { provide: ChangeFeed, inject: [DataSource], useFactory: (source: DataSource) => openChangeFeed(urls, source) },
        DatabaseHealth,
        RevisionStore,
        GatewayKeys,
        ResourceChanges,
      ],
      exports: [DATABASE_URLS, DataSource, ChangeFeed, DatabaseHealth, RevisionStore, GatewayKeys, ResourceChanges],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.#source.isInitialized) await this.#source.destroy();
  }
}
