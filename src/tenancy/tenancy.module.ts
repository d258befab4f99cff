import { Global, Module } from '@nestjs/common';
import { TenantDatabase } from './tenant.database.js';
import { TenantProviders } from './tenant-providers.js';
import { TenantRegistry } from './tenant.registry.js';

@Global()
@Module({
  providers: [TenantRegistry, TenantDatabase, TenantProviders],
  exports: [TenantRegistry, TenantDatabase, TenantProviders],
})
export class TenancyModule {}
