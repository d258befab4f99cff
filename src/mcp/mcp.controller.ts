import { Controller, Delete, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../errors/gateway.error.js';
import { McpEdge } from './mcp.edge.js';

const METHOD_NOT_ALLOWED = { code: 'method_not_allowed', status: 405 };

/** The doors: everybody's, a tenant's own, and those of their toolsets. Messages by POST, and the standing stream of legacy clients by GET. */
@Controller(['mcp', 't/:tenant/mcp', 'mcp/sets/:toolset', 't/:tenant/mcp/sets/:toolset'])
export class McpController {
  constructor(private readonly edge: McpEdge) {}

  @Post()
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.edge.serve(request, reply);
  }

  @Get()
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.edge.listen(request, reply);
  }

  /** No session to end. */
  @Delete()
  delete(): never {
    throw new GatewayError(METHOD_NOT_ALLOWED, 'there are no sessions to end', { headers: { allow: 'GET, POST' } });
  }
}
