import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { getOptionsToken, getStorageToken, ThrottlerGuard, type ThrottlerLimitDetail, type ThrottlerModuleOptions, type ThrottlerStorage } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { AuditWriter } from '../audit/audit.writer.js';
import { refusedRecord } from '../audit/call-record.js';
import { namedTool } from '../audit/named-tool.js';
import '../context/request.js';
import { GatewayError } from '../errors/gateway.error.js';

const RATE_LIMITED = { code: 'rate_limited', status: 429 };

/** How much: requests of one caller in one tenant, whatever address they come from. Public routes have no caller. */
@Injectable()
export class LimitGuard extends ThrottlerGuard {
  constructor(
    @Inject(getOptionsToken()) options: ThrottlerModuleOptions,
    @Inject(getStorageToken()) storage: ThrottlerStorage,
    @Inject(Reflector) reflector: Reflector,
    @Inject(AuditWriter) private readonly audit: AuditWriter,
  ) {
    super(options, storage, reflector);
  }

  protected override async shouldSkip(context: ExecutionContext): Promise<boolean> {
    return context.switchToHttp().getRequest<FastifyRequest>().call === undefined;
  }

  protected override async getTracker({ call }: FastifyRequest): Promise<string> {
    // JSON keeps apart what a plain join would let run together.
    return JSON.stringify([call?.tenant.id, call?.caller.issuer, call?.caller.subject]);
  }

  /** One bucket for all routes: `/mcp` and `/t/<tenant>/mcp` are two doors of the same house. */
  protected override generateKey(_: ExecutionContext, tracker: string): string {
    return tracker;
  }

  protected override async throwThrottlingException(context: ExecutionContext, { limit, ttl, timeToBlockExpire }: ThrottlerLimitDetail): Promise<void> {
    const { call, body } = context.switchToHttp().getRequest<FastifyRequest>();
    if (call) await this.audit.refused(call.tenant, refusedRecord(call, { tool: namedTool(body) }, RATE_LIMITED.code));
    throw new GatewayError(RATE_LIMITED, `more than ${limit} requests in ${ttl / 1_000} s; try again in ${timeToBlockExpire} s`, {
      headers: { 'retry-after': String(timeToBlockExpire) },
    });
  }
}
