import { Module } from '@nestjs/common';
import { PolicyModule } from '../policy/policy.module.js';
import { UpstreamModule } from '../upstream/upstream.module.js';
import { CallGate } from './call.gate.js';
import { CallRunner } from './call.runner.js';
import { McpExecutor } from './mcp/mcp.executor.js';
import { NativeExecutor } from './native.executor.js';
import { OpenapiExecutor } from './openapi.executor.js';
import { RequestStates } from './request-states.js';

@Module({ imports: [PolicyModule, UpstreamModule], providers: [CallGate, CallRunner, OpenapiExecutor, NativeExecutor, McpExecutor, RequestStates], exports: [CallGate, CallRunner, RequestStates] })
export class CallsModule {}
