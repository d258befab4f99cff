import { Module } from '@nestjs/common';
import { PolicyModule } from '../policy/policy.module.js';
import { UpstreamModule } from '../upstream/upstream.module.js';
import { CallGate } from './call.gate.js';
import { CallRunner } from './call.runner.js';
import { OpenapiExecutor } from './openapi.executor.js';

@Module({ imports: [PolicyModule, UpstreamModule], providers: [CallGate, CallRunner, OpenapiExecutor], exports: [CallGate, CallRunner] })
export class CallsModule {}
