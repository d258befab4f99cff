import { Controller, Get, Header, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LiveConfiguration } from '../config/live-configuration.js';
import { canonicalIssuer } from '../config/provider-identity.js';
import { mcpPath, ssePath } from '../config/protected-resource.js';
import '../context/request.js';
import { GatewayError } from '../errors/gateway.error.js';
import { Public } from './access.js';
import { describeDoor } from './door.js';

/** Protected resource metadata (RFC 9728 §2). */
export interface ProtectedResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported: readonly string[];
  readonly bearer_methods_supported: readonly ['header'];
  readonly resource_name: string;
}

/** Tells clients, before they have any credential, where to sign in: one document for each MCP path, and the root one. */
@Public()
@Controller('.well-known/oauth-protected-resource')
export class MetadataController {
  constructor(@Inject(LiveConfiguration) private readonly live: LiveConfiguration) {}

  /** The root document is that of `/mcp`, for clients that look nowhere else. */
  @Get(['', 'mcp'])
  @Header('cache-control', 'public, max-age=300')
  shared(@Req() request: FastifyRequest): ProtectedResourceMetadata {
    return this.describe(request, undefined);
  }

  @Get('t/:tenant/mcp')
  @Header('cache-control', 'public, max-age=300')
  ofTenant(@Req() request: FastifyRequest, @Param('tenant') tenant: string): ProtectedResourceMetadata {
    return this.describe(request, tenant);
  }

  @Get('mcp/sets/:toolset')
  @Header('cache-control', 'public, max-age=300')
  ofToolset(@Req() request: FastifyRequest, @Param('toolset') toolset: string): ProtectedResourceMetadata {
    return this.describe(request, undefined, toolset);
  }

  @Get('t/:tenant/mcp/sets/:toolset')
  @Header('cache-control', 'public, max-age=300')
  ofToolsetOfTenant(@Req() request: FastifyRequest, @Param('tenant') tenant: string, @Param('toolset') toolset: string): ProtectedResourceMetadata {
    return this.describe(request, tenant, toolset);
  }

  @Get('sse')
  @Header('cache-control', 'public, max-age=300')
  ofSse(@Req() request: FastifyRequest): ProtectedResourceMetadata {
    return this.describe(request, undefined, undefined, ssePath(undefined));
  }

  @Get('t/:tenant/sse')
  @Header('cache-control', 'public, max-age=300')
  ofSseOfTenant(@Req() request: FastifyRequest, @Param('tenant') tenant: string): ProtectedResourceMetadata {
    return this.describe(request, tenant, undefined, ssePath(tenant));
  }

  private describe({ publicUrl }: FastifyRequest, tenant: string | undefined, toolset?: string, path = mcpPath(tenant, toolset)): ProtectedResourceMetadata {
    const { settings } = this.live.current;
    const isOffered = settings.transports.sse || path !== ssePath(tenant);
    const door = isOffered ? describeDoor(settings, tenant, toolset) : undefined;
    if (!door) throw new GatewayError({ code: 'not_found', status: 404 }, 'there is no such resource');
    return {
      resource: publicUrl + path,
      authorization_servers: door.providers.flatMap((provider) => canonicalIssuer(provider) ?? []),
      scopes_supported: door.scopes,
      bearer_methods_supported: ['header'],
      resource_name: door.title ?? 'Gatehouse',
    };
  }
}
