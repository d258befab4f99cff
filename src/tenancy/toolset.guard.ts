import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AuditWriter } from '../audit/audit.writer.js';
import { refusedRecord } from '../audit/call-record.js';
import { namedTool } from '../audit/named-tool.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import { findToolset } from '../config/toolset.js';
import '../context/request.js';
import type { CallContext } from '../context/call-context.js';
import { insufficientScope } from '../errors/challenge.js';

/** What the toolset of the address asks of everybody, before any message is looked at. Counted by the limits before, for each refusal is a record. */
@Injectable()
export class ToolsetGuard implements CanActivate {
  constructor(
    private readonly live: LiveConfiguration,
    private readonly audit: AuditWriter,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.call?.toolset === undefined) return true;
    await this.admit(request, request.call);
    const { admitAgain } = request;
    request.admitAgain = async () => {
      await admitAgain?.();
      if (request.call) await this.admit(request, request.call);
    };
    return true;
  }

  private async admit({ body }: FastifyRequest, call: CallContext): Promise<void> {
    const { caller, tenant, toolset, resourceMetadata } = call;
    const needed = (toolset === undefined ? undefined : findToolset(this.live.current.settings, tenant.name, toolset))?.scopes ?? [];
    const missing = needed.filter((scope) => !caller.scopes.has(scope) && !caller.roles.has(scope));
    if (missing.length === 0) return;
    await this.audit.refused(tenant, refusedRecord(call, { tool: namedTool(body) }, 'insufficient_scope'));
    throw insufficientScope(resourceMetadata, caller.scopes, missing);
  }
}
