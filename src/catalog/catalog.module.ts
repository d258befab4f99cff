import { Module } from '@nestjs/common';
import { Catalogs } from './catalogs.js';
import { DocumentRefresher } from './document.refresher.js';
import { TenantCatalog } from './tenant.catalog.js';

@Module({ providers: [Catalogs, TenantCatalog, DocumentRefresher], exports: [Catalogs] })
export class CatalogModule {}
