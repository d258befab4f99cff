import { Global, Module } from '@nestjs/common';
import { AuditWriter } from './audit.writer.js';
import { SecurityEvents } from './security-events.js';

/** Global, because every module that refuses or runs a call records it. */
@Global()
@Module({
  providers: [AuditWriter, SecurityEvents],
  exports: [AuditWriter, SecurityEvents],
})
export class AuditModule {}
