import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Tenant } from '../context/tenant.js';
import { ChangeFeed } from '../database/change-feed.js';
import { onDatabase } from '../database/database.error.js';
import { TenantEntity } from './tenant.entity.js';

/** Topic of the change feed that moves when a tenant is added, suspended or taken up again. */
export const tenantsTopic = 'tenants';

/** The tenants that exist, as a frozen snapshot that is replaced whole when the registry moves. */
@Injectable()
export class TenantRegistry implements OnModuleInit, OnApplicationShutdown {
  readonly #source: DataSource;
  readonly #feed: ChangeFeed;
  #tenants: ReadonlyMap<string, Tenant> = new Map();
  #stop: (() => void) | undefined;

  constructor(source: DataSource, feed: ChangeFeed) {
    this.#source = source;
    this.#feed = feed;
  }

  async onModuleInit(): Promise<void> {
    this.#stop = this.#feed.on(tenantsTopic, () => this.#load());
    await this.#load();
  }

  onApplicationShutdown(): void {
    this.#stop?.();
  }

  /** The tenant of this exact name, suspended ones included; undefined when there is none. */
  find(name: string): Tenant | undefined {
    return this.#tenants.get(name);
  }

  async #load(): Promise<void> {
    const rows = await onDatabase(() => this.#source.getRepository(TenantEntity).find());
    this.#tenants = new Map(rows.map(({ id, name, schema, role, state }) => [name, Object.freeze({ id, name, schema, role, state })]));
  }
}
