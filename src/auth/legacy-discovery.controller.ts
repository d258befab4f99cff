import { Body, Controller, Get, Header, Headers, HttpCode, Inject, Param, Post, Query, Redirect, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import '../context/request.js';
import { Public } from './access.js';
import { LegacyDiscovery, type ForwardedAnswer } from './legacy-discovery.js';

/**
 * For clients older than RFC 9728, which take the MCP server for the authorization server: its metadata (RFC 8414), and the three
 * paths that they try without metadata. Everything is 404 unless a provider says `legacyDiscovery: true`.
 */
@Public()
@Controller()
export class LegacyDiscoveryController {
  constructor(@Inject(LegacyDiscovery) private readonly legacy: LegacyDiscovery) {}

  @Get(['.well-known/oauth-authorization-server', '.well-known/oauth-authorization-server/mcp', '.well-known/openid-configuration'])
  @Header('cache-control', 'public, max-age=300')
  metadata(@Req() { publicUrl }: FastifyRequest): Promise<object> {
    return this.legacy.metadata(publicUrl, undefined);
  }

  @Get('.well-known/oauth-authorization-server/t/:tenant/mcp')
  @Header('cache-control', 'public, max-age=300')
  metadataOfTenant(@Req() { publicUrl }: FastifyRequest, @Param('tenant') tenant: string): Promise<object> {
    return this.legacy.metadata(publicUrl, tenant);
  }

  @Get('.well-known/oauth-authorization-server/mcp/sets/:toolset')
  @Header('cache-control', 'public, max-age=300')
  metadataOfToolset(@Req() { publicUrl }: FastifyRequest, @Param('toolset') toolset: string): Promise<object> {
    return this.legacy.metadata(publicUrl, undefined, toolset);
  }

  @Get('.well-known/oauth-authorization-server/t/:tenant/mcp/sets/:toolset')
  @Header('cache-control', 'public, max-age=300')
  metadataOfToolsetOfTenant(@Req() { publicUrl }: FastifyRequest, @Param('tenant') tenant: string, @Param('toolset') toolset: string): Promise<object> {
    return this.legacy.metadata(publicUrl, tenant, toolset);
  }

  @Get('authorize')
  @Redirect()
  async authorize(@Req() { publicUrl }: FastifyRequest, @Query() query: Record<string, string | string[]>): Promise<{ url: string; statusCode: number }> {
    return { url: await this.legacy.authorizationUrl(publicUrl, query), statusCode: 302 };
  }

  @Post('token')
  @HttpCode(200)
  async token(@Body() form: unknown, @Headers('authorization') authorization: string | undefined, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    return answer(reply, await this.legacy.token(form, authorization));
  }

  @Post('register')
  @HttpCode(201)
  async register(@Body() client: unknown, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    return answer(reply, await this.legacy.register(client));
  }
}

function answer(reply: FastifyReply, { status, body }: ForwardedAnswer): unknown {
  reply.code(status).header('cache-control', 'no-store');
  return body;
}
