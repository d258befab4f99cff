import { Module } from '@nestjs/common';
import { CallsModule } from '../calls/calls.module.js';
import { PolicyModule } from '../policy/policy.module.js';
import { McpController } from './mcp.controller.js';
import { McpEdge } from './mcp.edge.js';
import { McpServers } from './mcp.servers.js';

@Module({ imports: [CallsModule, PolicyModule], controllers: [McpController], providers: [McpEdge, McpServers] })
export class McpModule {}
