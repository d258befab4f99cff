import { Controller, Get, HttpCode, type BeforeApplicationShutdown, Inject } from '@nestjs/common';
import { AuditWriter } from '../audit/audit.writer.js';
import { Public } from '../auth/access.js';
import { DatabaseHealth } from '../database/database.health.js';
import { GatewayError } from '../errors/gateway.error.js';

const NOT_READY = { code: 'not_ready', status: 503 };

/** Probes of the platform: whether the process lives, and whether it can do a call. */
@Public()
@Controller()
export class HealthController implements BeforeApplicationShutdown {
  #isStopping = false;

  constructor(
    @Inject(DatabaseHealth) private readonly database: DatabaseHealth,
    @Inject(AuditWriter) private readonly audit: AuditWriter,
  ) {}

  @Get('healthz')
  @HttpCode(200)
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('readyz')
  async ready(): Promise<{ status: string }> {
    if (this.#isStopping) throw new GatewayError(NOT_READY, 'this replica is stopping');
    if (!(await this.database.isReady())) throw new GatewayError(NOT_READY, 'the database does not answer');
    if (!this.audit.isReady) throw new GatewayError(NOT_READY, 'audit records cannot be written');
    return { status: 'ready' };
  }

  beforeApplicationShutdown(): void {
    this.#isStopping = true;
  }
}
