import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Catalogs } from './catalogs.js';
import { DocumentRefresher } from './document.refresher.js';
import { NativeDatabase } from './native/native.database.js';
import { NativeRegistry } from './native/native.registry.js';
import { MountedServers } from './servers/mounted.servers.js';
import { OwnEntries } from './own.entries.js';
import { SourceWatch } from './source.watch.js';
import { TenantCatalog } from './tenant.catalog.js';

@Module({ imports: [DiscoveryModule], providers: [Catalogs, TenantCatalog, SourceWatch, DocumentRefresher, NativeRegistry, NativeDatabase, MountedServers, OwnEntries], exports: [Catalogs, NativeRegistry, NativeDatabase, MountedServers, SourceWatch] })
export class CatalogModule {}
