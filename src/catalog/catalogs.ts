import { Injectable } from '@nestjs/common';
import type { Tenant } from '../context/tenant.js';
import { TenantProviders } from '../tenancy/tenant-providers.js';
import type { Catalog } from './catalog.js';
import { TenantCatalog } from './tenant.catalog.js';

/** The way to a tenant's catalog for whoever has a verified tenant at hand. */
@Injectable()
export class Catalogs {
  constructor(private readonly tenants: TenantProviders) {}

  async of(tenant: Tenant): Promise<Catalog> {
    const catalog = await this.tenants.resolve(tenant, TenantCatalog);
    return catalog.current();
  }

  /** As the newest revision has it, once that is loaded. */
  async newestOf(tenant: Tenant): Promise<Catalog> {
    const catalog = await this.tenants.resolve(tenant, TenantCatalog);
    return catalog.newest();
  }
}
