import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SseEdge } from './sse.edge.js';

/** HTTP+SSE of 2024-11-05, where the configuration has it: a stream by GET, and messages of its session by POST. */
@Controller(['', 't/:tenant'])
export class SseController {
  constructor(private readonly edge: SseEdge) {}

  @Get('sse')
  open(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.edge.open(request, reply);
  }

  @Post('messages')
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.edge.post(request, reply);
  }
}
