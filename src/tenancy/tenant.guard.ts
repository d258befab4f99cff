import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SecurityEvents } from '../audit/security-events.js';
import { metadataUrl, pathTenant } from '../config/protected-resource.js';
import '../context/request.js';
import type { Caller } from '../context/caller.js';
import type { Tenant } from '../context/tenant.js';
import { GatewayError } from '../errors/gateway.error.js';
import { admit } from './admission.js';
import { TenantRegistry } from './tenant.registry.js';

const NOT_FOUND = { code: 'not_found', status: 404 };

/** On whose territory: the verified caller's tenant, and the frozen context of its call. Public routes have no caller. */
@Injectable()
export class TenantGuard implements CanActivate {
  constructor(
    private readonly registry: TenantRegistry,
    private readonly securityEvents: SecurityEvents,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { caller, admitAgain } = request;
    if (!caller) return true;
    this.enter(request, caller);
    request.admitAgain = async () => {
      await admitAgain?.();
      this.enter(request, request.caller ?? caller);
    };
    return true;
  }

  private enter(request: FastifyRequest, caller: Caller): void {
    const door = pathTenant(request);
    const tenant = this.admit(caller, door, request.ip);
    const abortCall = (request.abortCall ??= new AbortController());
    request.call = Object.freeze({
      requestId: request.id,
      caller,
      tenant,
      subjectToken: request.subjectToken,
      signal: abortCall.signal,
      address: request.ip,
      publicUrl: request.publicUrl,
      resourceMetadata: metadataUrl(request.publicUrl, door),
    });
  }

  private admit(caller: Caller, door: string | undefined, address: string): Tenant {
    const tenant = caller.tenant === undefined ? undefined : this.registry.find(caller.tenant);
    try {
      // Another tenant's door looks like no door at all.
      if (door !== undefined && door !== tenant?.name) throw new GatewayError(NOT_FOUND, 'there is no such resource');
      return admit(tenant);
    } catch (error) {
      if (error instanceof GatewayError) this.securityEvents.count(error.code, caller.provider, address);
      throw error;
    }
  }
}
