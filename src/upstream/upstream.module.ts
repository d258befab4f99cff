import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module.js';
import { CredentialsModule } from '../credentials/credentials.module.js';
import { ServerClient } from './mcp/server.client.js';
import { ServerRefresher } from './mcp/server.refresher.js';
import { UpstreamClient } from './upstream.client.js';

@Module({ imports: [CatalogModule, CredentialsModule], providers: [UpstreamClient, ServerClient, ServerRefresher], exports: [UpstreamClient, ServerClient, CredentialsModule] })
export class UpstreamModule {}
