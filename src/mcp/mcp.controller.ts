import { Controller, Delete, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../errors/gateway.error.js';
import { McpEdge } from './mcp.edge.js';

const METHOD_NOT_ALLOWED = { code: 'method_not_allowed', status: 405 };

/** The doors: everybody's, a tenant's own, and those of their toolsets. There are no sessions and no standing streams, so nothing but POST is served. */
@Controller(['mcp', 't/:tenant/mcp', 'mcp/sets/:toolset', 't/:tenant/mcp/sets/:toolset'])
export class McpController {
  constructor(private readonly edge: McpEdge) {}

  @Post()
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.edge.serve(request, reply);
  }

  /** No standing stream: clients take 405 for "none offered". */
  @Get()
  get(): never {
    throw postOnly();
  }

  /** No session to end. */
  @Delete()
  delete(): never {
    throw postOnly();
  }
}

function postOnly(): GatewayError {
  return new GatewayError(METHOD_NOT_ALLOWED, 'this endpoint takes POST only', { headers: { allow: 'POST' } });
}
