import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SecurityEvents } from '../audit/security-events.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import { metadataUrl, pathTenant, pathToolset, resourcePath } from '../config/protected-resource.js';
import { findToolset } from '../config/toolset.js';
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
    private readonly live: LiveConfiguration,
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
    const toolset = pathToolset(request);
    const tenant = this.admit(caller, door, toolset, request.ip);
    const abortCall = (request.abortCall ??= new AbortController());
    request.call = Object.freeze({
      requestId: request.id,
      caller,
      tenant,
      toolset,
      subjectToken: request.subjectToken,
      signal: abortCall.signal,
      address: request.ip,
      publicUrl: request.publicUrl,
      resourceMetadata: metadataUrl(request.publicUrl, resourcePath(request)),
    });
  }

  private admit(caller: Caller, door: string | undefined, toolset: string | undefined, address: string): Tenant {
    const tenant = caller.tenant === undefined ? undefined : this.registry.find(caller.tenant);
    try {
      // Another tenant's door looks like no door at all.
      if (door !== undefined && door !== tenant?.name) throw new GatewayError(NOT_FOUND, 'there is no such resource');
      const admitted = admit(tenant);
      // Which other tenants have a toolset of the name is theirs to know.
      if (toolset !== undefined && !findToolset(this.live.current.settings, admitted.name, toolset)) throw new GatewayError(NOT_FOUND, 'there is no such resource');
      return admitted;
    } catch (error) {
      if (error instanceof GatewayError) this.securityEvents.count(error.code, caller.provider, address);
      throw error;
    }
  }
}
