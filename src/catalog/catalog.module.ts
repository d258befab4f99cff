import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { MODULE_FILES } from '../config/start-settings.js';
import { Catalogs } from './catalogs.js';
import { DocumentRefresher } from './document.refresher.js';
import { NativeDatabase } from './native/native.database.js';
import { loadNativeModules, NATIVE_MODULES } from './native/native.modules.js';
import { NativeRegistry } from './native/native.registry.js';
import { MountedServers } from './servers/mounted.servers.js';
import { OwnEntries } from './own.entries.js';
import { SourceWatch } from './source.watch.js';
import { TenantCatalog } from './tenant.catalog.js';

@Module({ imports: [DiscoveryModule], providers: [{ provide: NATIVE_MODULES, inject: [MODULE_FILES], useFactory: loadNativeModules }, Catalogs, TenantCatalog, SourceWatch, DocumentRefresher, NativeRegistry, NativeDatabase, MountedServers, OwnEntries], exports: [Catalogs, NativeRegistry, NativeDatabase, MountedServers, SourceWatch] })
export class CatalogModule {}
