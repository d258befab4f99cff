import { Injectable, type OnApplicationShutdown, type Type } from '@nestjs/common';
import { type ContextId, ContextIdFactory, ModuleRef } from '@nestjs/core';
import type { Tenant } from '../context/tenant.js';

/** Tenants whose providers are kept at a time; the least recently used one is closed for the next. */
const MOST_TENANTS = 1_000;

/** A provider that lives as long as its tenant is in use. It injects `REQUEST`, which is the {@link Tenant}. */
export interface TenantScoped {
  close(): void;
}

interface Territory {
  readonly contextId: ContextId;
  readonly instances: Map<Type<TenantScoped>, Promise<TenantScoped>>;
}

/**
 * The providers of a tenant, built only after the guard has verified the caller: Nest builds its own request-scoped and
 * durable providers before guards run, for whatever tenant a request names, and never closes them.
 */
@Injectable()
export class TenantProviders implements OnApplicationShutdown {
  readonly #territories = new Map<string, Territory>();

  constructor(private readonly moduleRef: ModuleRef) {}

  /** The tenant's one instance of a request-scoped provider. */
  resolve<T extends TenantScoped>(tenant: Tenant, type: Type<T>): Promise<T> {
    const { contextId, instances } = this.#enter(tenant);
    // The map holds each instance under its own class, which a Map's type cannot say.
    const known = instances.get(type) as Promise<T> | undefined;
    if (known) return known;
    const instance = this.moduleRef.resolve(type, contextId, { strict: false });
    instances.set(type, instance);
    instance.catch(() => instances.delete(type));
    return instance;
  }

  onApplicationShutdown(): void {
    for (const id of this.#territories.keys()) this.#close(id);
  }

  get size(): number {
    return this.#territories.size;
  }

  #enter(tenant: Tenant): Territory {
    const known = this.#territories.get(tenant.id);
    if (known) {
      this.#territories.delete(tenant.id);
      this.#territories.set(tenant.id, known);
      return known;
    }
    if (this.#territories.size >= MOST_TENANTS) {
      const [oldest] = this.#territories.keys();
      if (oldest !== undefined) this.#close(oldest);
    }
    const contextId = ContextIdFactory.create();
    this.moduleRef.registerRequestByContextId(tenant, contextId);
    const territory = { contextId, instances: new Map<Type<TenantScoped>, Promise<TenantScoped>>() };
    this.#territories.set(tenant.id, territory);
    return territory;
  }

  #close(id: string): void {
    const territory = this.#territories.get(id);
    this.#territories.delete(id);
    for (const instance of territory?.instances.values() ?? []) instance.then((provider) => provider.close(), () => undefined);
  }
}
