import { Module } from '@nestjs/common';
import { PolicyModule } from '../policy/policy.module.js';
import { UpstreamModule } from '../upstream/upstream.module.js';
import { ApiClient } from './api.client.js';
import { CallCache } from './call.cache.js';
import { CallGate } from './call.gate.js';
import { CallRunner } from './call.runner.js';
import { McpExecutor } from './mcp/mcp.executor.js';
import { NativeExecutor } from './native.executor.js';
import { OpenapiExecutor } from './openapi.executor.js';
import { RequestStates } from './request-states.js';

@Module({ imports: [PolicyModule, UpstreamModule], providers: [CallGate, CallRunner, OpenapiExecutor, NativeExecutor, McpExecutor, ApiClient, CallCache, RequestStates], exports: [CallGate, CallRunner, RequestStates] })
export class CallsModule {}
