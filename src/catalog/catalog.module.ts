import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Catalogs } from './catalogs.js';
import { DocumentRefresher } from './document.refresher.js';
import { NativeDatabase } from './native/native.database.js';
import { NativeRegistry } from './native/native.registry.js';
import { TenantCatalog } from './tenant.catalog.js';

@Module({ imports: [DiscoveryModule], providers: [Catalogs, TenantCatalog, DocumentRefresher, NativeRegistry, NativeDatabase], exports: [Catalogs, NativeRegistry, NativeDatabase] })
export class CatalogModule {}
