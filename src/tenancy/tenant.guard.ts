import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SecurityEvents } from '../audit/security-events.js';
import { metadataUrl, pathTenant } from '../config/protected-resource.js';
import '../context/request.js';
import type { Caller } from '../context/caller.js';
import type { Tenant } from '../context/tenant.js';
import { GatewayError } from '../errors/gateway.error.js';
import { TenantRegistry } from './tenant.registry.js';

const NOT_FOUND = { code: 'not_found', status: 404 };
const NO_TENANT = { code: 'no_tenant', status: 403 };
const SUSPENDED = { code: 'tenant_suspended', status: 403 };

/** On whose territory: the verified caller's tenant, and the frozen context of its call. Public routes have no caller. */
@Injectable()
export class TenantGuard implements CanActivate {
  constructor(
    private readonly registry: TenantRegistry,
    private readonly securityEvents: SecurityEvents,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { caller, subjectToken } = request;
    if (!caller) return true;
    const door = pathTenant(request);
    const tenant = this.admit(caller, door, request.ip);
    const abortCall = new AbortController();
    request.abortCall = abortCall;
    request.call = Object.freeze({
      requestId: request.id,
      caller,
      tenant,
      subjectToken,
      signal: abortCall.signal,
      address: request.ip,
      publicUrl: request.publicUrl,
      resourceMetadata: metadataUrl(request.publicUrl, door),
    });
    return true;
  }

  private admit(caller: Caller, door: string | undefined, address: string): Tenant {
    const tenant = caller.tenant === undefined ? undefined : this.registry.find(caller.tenant);
    // Another tenant's door looks like no door at all.
    if (door !== undefined && door !== tenant?.name) throw this.refuse(NOT_FOUND, 'there is no such resource', caller, address);
    if (!tenant) throw this.refuse(NO_TENANT, 'no tenant of this gateway is yours', caller, address);
    if (tenant.state !== 'active') throw this.refuse(SUSPENDED, 'your tenant is suspended', caller, address);
    return tenant;
  }

  private refuse(kind: typeof NOT_FOUND, message: string, caller: Caller, address: string): GatewayError {
    this.securityEvents.count(kind.code, caller.provider, address);
    return new GatewayError(kind, message);
  }
}
