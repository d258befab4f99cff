import { Module } from '@nestjs/common';
import { CallsModule } from '../calls/calls.module.js';
import { CatalogModule } from '../catalog/catalog.module.js';
import { PolicyModule } from '../policy/policy.module.js';
import { ApiResources } from './api.resources.js';
import { McpController } from './mcp.controller.js';
import { McpEdge } from './mcp.edge.js';
import { McpServers } from './mcp.servers.js';
import { NativeHandlers } from './native.handlers.js';
import { SseController } from './sse/sse.controller.js';
import { SseEdge } from './sse/sse.edge.js';
import { SseSessions } from './sse/sse.sessions.js';
import { LegacySubscriptions } from './streams/legacy.subscriptions.js';
import { Listeners } from './streams/listeners.js';
import { ResourceNews } from './streams/resource.news.js';
import { ToolHandlers } from './tool.handlers.js';

@Module({ imports: [CallsModule, CatalogModule, PolicyModule], controllers: [McpController, SseController], providers: [McpEdge, McpServers, ToolHandlers, NativeHandlers, ApiResources, Listeners, LegacySubscriptions, ResourceNews, SseEdge, SseSessions] })
export class McpModule {}
