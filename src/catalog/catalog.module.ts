import { Module } from '@nestjs/common';
import { Catalogs } from './catalogs.js';
import { TenantCatalog } from './tenant.catalog.js';

@Module({ providers: [Catalogs, TenantCatalog], exports: [Catalogs] })
export class CatalogModule {}
