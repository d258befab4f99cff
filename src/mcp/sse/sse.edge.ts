import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LiveConfiguration } from '../../config/live-configuration.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { callOf, McpEdge, needEvents } from '../mcp.edge.js';
import { EventStream } from '../streams/event.stream.js';
import { Listeners } from '../streams/listeners.js';
import { LEGACY_SUBSCRIPTION } from '../streams/subscription.js';
import { SseSessions } from './sse.sessions.js';

const NOT_FOUND = { code: 'not_found', status: 404 };

/** The transport of 2024-11-05. It needs affinity: a session's messages must reach the replica that holds its stream. */
@Injectable()
export class SseEdge {
  constructor(
    private readonly live: LiveConfiguration,
    private readonly edge: McpEdge,
    private readonly listeners: Listeners,
    private readonly sessions: SseSessions,
  ) {}

  /** Opens a session; its first event says where to post. */
  async open(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    this.#assertOffered();
    const call = callOf(request);
    if (request.method !== 'GET') throw new GatewayError({ code: 'method_not_allowed', status: 405 }, 'a stream is opened by GET', { headers: { allow: 'GET' } });
    needEvents(request);
    // Beside the stream, at the same door.
    const messages = request.url.replace(/\/sse(?:\?.*)?$/, '/messages');
    const greet = (stream: EventStream): string => {
      const session = this.sessions.open(call, stream);
      stream.say('endpoint', `${messages}?sessionId=${session}`);
      return session;
    };
    await this.listeners.listen(call, request, reply, LEGACY_SUBSCRIPTION, greet);
  }

  /** Takes a message; the answer comes by the session's stream. */
  async post(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    this.#assertOffered();
    const call = callOf(request);
    const { sessionId } = request.query as { readonly sessionId?: unknown };
    const stream = this.sessions.find(call, sessionId);
    const answer = await this.edge.begin(call, request, {
      takesNotifications: true,
      notify: (method, params) => stream.send(JSON.stringify({ jsonrpc: '2.0', method, params })),
    });
    await reply.code(202).header('content-type', 'text/plain').send('Accepted');
    const body = await answer();
    if (body !== undefined) stream.send(body);
  }

  #assertOffered(): void {
    if (!this.live.current.settings.transports.sse) throw new GatewayError(NOT_FOUND, 'there is no such resource');
  }
}
