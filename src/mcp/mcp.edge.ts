import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UNKNOWN_ENTRY } from '../calls/call.gate.js';
import type { Entry } from '../catalog/entry.js';
import '../context/request.js';
import type { CallContext } from '../context/call-context.js';
import { GatewayError } from '../errors/gateway.error.js';
import { LegacyTransport, ModernTransport } from './exchange.transports.js';
import { type Inbound, readInbound } from './inbound-message.js';
import { errorAnswer, INVALID_PARAMS, type McpAnswer, writeResponse } from './json-rpc.js';
import { McpServers, type Exchange } from './mcp.servers.js';

const UNAUTHENTICATED = { code: 'internal_error', status: 500 };

/** Serves one POST of the MCP endpoint: era, gate, the SDK's server on a transport of our own, one JSON answer. */
@Injectable()
export class McpEdge {
  constructor(private readonly servers: McpServers) {}

  async serve(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { call } = request;
    if (!call) throw new GatewayError(UNAUTHENTICATED, 'the request reached the MCP endpoint without a verified caller');
    const inbound = readInbound(request);
    // A closed response stream cancels a modern request; a legacy client says so by a notification.
    if (inbound.kind === 'modern') {
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) request.abortCall?.abort(new Error('the client closed the response'));
      });
    }
    const { status, body } = inbound.kind === 'answered' ? inbound.answer : await this.#answer(call, inbound, request.headers['mcp-session-id']);
    reply.code(status);
    const sessionId = inbound.kind === 'legacy' ? this.servers.sessionIdFor(inbound.message) : undefined;
    if (sessionId !== undefined) reply.header('mcp-session-id', sessionId);
    if (body !== undefined) reply.header('content-type', 'application/json');
    await reply.send(body);
  }

  async #answer(call: CallContext, inbound: Exclude<Inbound, { kind: 'answered' }>, sessionId: string | string[] | undefined): Promise<McpAnswer> {
    const { message } = inbound;
    // Nothing that a client may announce changes anything here: there is no session to change.
    if (!('id' in message)) return { status: 202, body: undefined };
    const client = await this.servers.readClient(call, inbound.kind, message, sessionId);
    let entry: Entry | undefined;
    try {
      // What must be an HTTP status is settled here, before the answer begins.
      entry = await this.servers.admit(call, message, client);
    } catch (error) {
      if (error instanceof GatewayError && error.code === UNKNOWN_ENTRY.code) return errorAnswer(200, message.id, INVALID_PARAMS, error.message);
      throw error;
    }
    const exchange: Exchange = { call, entry, client, raw: undefined };
    const server = this.servers.create(inbound.kind, exchange);
    const transport = inbound.kind === 'modern' ? new ModernTransport(inbound.classification) : new LegacyTransport();
    await server.connect(transport);
    const { status, response } = await transport.exchange(message);
    return { status, body: writeResponse(response, exchange.raw) };
  }
}
