import { MissingRequiredClientCapabilityError, ProtocolError, type JSONRPCNotification, type JSONRPCRequest } from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UNKNOWN_ENTRY } from '../calls/call.gate.js';
import '../context/request.js';
import type { CallContext } from '../context/call-context.js';
import { GatewayError } from '../errors/gateway.error.js';
import { Answer, takesEvents, type Notifier } from './answer.js';
import { LegacyTransport, ModernTransport } from './exchange.transports.js';
import { type Inbound, MODERN_VERSIONS, readInbound } from './inbound-message.js';
import { errorAnswer, INVALID_PARAMS, joinText, type McpAnswer, writeResponse } from './json-rpc.js';
import { McpServers, type Exchange } from './mcp.servers.js';
import { NativeHandlers } from './native.handlers.js';
import { RunningCalls } from './running.calls.js';
import { sessionOf } from './session.js';
import { Listeners } from './streams/listeners.js';
import { LEGACY_SUBSCRIPTION, readSubscription } from './streams/subscription.js';

const UNAUTHENTICATED = { code: 'internal_error', status: 500 };
const METHOD_NOT_ALLOWED = { code: 'method_not_allowed', status: 405 };
const NOT_LEGACY = { code: 'invalid_request', status: 400 };
const NOT_ACCEPTABLE = { code: 'not_acceptable', status: 406 };

type Served = Exclude<Inbound, { kind: 'answered' }>;

/** Serves one request of the MCP endpoint: era, gate, the SDK's server on a transport of our own, one answer or a standing stream. */
@Injectable()
export class McpEdge {
  readonly #running = new RunningCalls();

  constructor(
    private readonly servers: McpServers,
    private readonly listeners: Listeners,
    private readonly natives: NativeHandlers,
  ) {}

  /** One POSTed message. */
  async serve(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const call = callOf(request);
    const inbound = readInbound(request);
    const answer = new Answer(request, reply);
    if (inbound.kind === 'answered') return answer.end(inbound.answer);
    if (inbound.kind === 'modern' && isListen(inbound.message)) return this.#listen(call, inbound.message, request, reply);
    // A closed response stream cancels a modern request; a legacy client says so by a notification.
    if (inbound.kind === 'modern') {
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) request.abortCall?.abort(new Error('the client closed the response'));
      });
    }
    const sessionId = inbound.kind === 'legacy' ? this.servers.sessionIdFor(inbound.message) : undefined;
    if (sessionId !== undefined) reply.header('mcp-session-id', sessionId);
    const serve = await this.#admitted(call, inbound, request, answer);
    await answer.end(await serve());
  }

  /** The standing stream of a legacy client. */
  async listen(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const call = callOf(request);
    // Fastify serves HEAD by the handler of GET.
    if (request.method !== 'GET' || MODERN_VERSIONS.includes(String(request.headers['mcp-protocol-version']))) {
      throw new GatewayError(METHOD_NOT_ALLOWED, 'this revision has subscriptions/listen, by POST', { headers: { allow: 'POST' } });
    }
    needEvents(request);
    await this.listeners.listen(call, request, reply, LEGACY_SUBSCRIPTION);
  }

  async #listen(call: CallContext, message: JSONRPCRequest, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    needEvents(request);
    try {
      await this.listeners.listen(call, request, reply, readSubscription(message, (uri) => this.natives.isResource(call, uri)));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      await new Answer(request, reply).end(errorAnswer(200, message.id, error.code, error.message));
    }
  }

  /**
   * A message of a transport whose answers do not come with the request.
   * @returns what serves it, once what must be an HTTP status is settled; the text of its answer, or undefined where there is none
   */
  async begin(call: CallContext, request: FastifyRequest, notifier: Notifier): Promise<() => Promise<string | undefined>> {
    const inbound = readInbound(request);
    if (inbound.kind === 'modern') throw new GatewayError(NOT_LEGACY, 'this transport is of the revision 2024-11-05; newer ones are served at the MCP endpoint');
    const serve = inbound.kind === 'answered' ? async () => inbound.answer : await this.#admitted(call, inbound, request, notifier);
    return async () => {
      const { body } = await serve();
      return body && joinText(body);
    };
  }

  async #admitted(call: CallContext, inbound: Served, request: FastifyRequest, notifier: Notifier): Promise<() => Promise<McpAnswer>> {
    const { kind, message } = inbound;
    if (!('id' in message)) {
      if (kind === 'legacy' && message.method === 'notifications/cancelled') this.#running.cancel(call, sessionOf(request), message.params?.['requestId']);
      // Nothing else that a client may announce changes anything here: there is no session to change.
      return async () => ({ status: 202, body: undefined });
    }
    const client = await this.servers.readClient(call, kind, message, request.headers);
    let exchange: Exchange;
    try {
      // What must be an HTTP status is settled here, before the answer begins.
      const admitted = await this.servers.admit(call, kind, message, client);
      exchange = { ...admitted, era: kind, call, client, notifier, message, sessionId: sessionOf(request), raw: undefined };
    } catch (error) {
      const answer = refusal(message, error);
      if (!answer) throw error;
      return async () => answer;
    }
    return () => this.#exchange(inbound, message, exchange, request);
  }

  async #exchange(inbound: Served, message: JSONRPCRequest, exchange: Exchange, request: FastifyRequest): Promise<McpAnswer> {
    const { kind } = inbound;
    const { abortCall } = request;
    const { call, entry, answer } = exchange;
    const server = this.servers.create(exchange);
    const transport = kind === 'modern' ? new ModernTransport(inbound.classification) : new LegacyTransport();
    await server.connect(transport);
    const hasEnded = kind === 'legacy' && (entry ?? answer) && abortCall ? this.#running.add(call, sessionOf(request), message.id, abortCall) : undefined;
    try {
      const { status, response } = await transport.exchange(message);
      return { status, body: writeResponse(response, exchange.raw) };
    } finally {
      hasEnded?.();
    }
  }
}

/** The verified call of a request. */
export function callOf({ call }: FastifyRequest): CallContext {
  if (!call) throw new GatewayError(UNAUTHENTICATED, 'the request reached the MCP endpoint without a verified caller');
  return call;
}

/** @returns undefined for what is an HTTP status */
function refusal({ id, method, params }: JSONRPCRequest, error: unknown): McpAnswer | undefined {
  if (error instanceof GatewayError && error.code === UNKNOWN_ENTRY.code) return errorAnswer(200, id, INVALID_PARAMS, error.message, method === 'resources/read' ? { uri: params?.['uri'] } : undefined);
  if (error instanceof MissingRequiredClientCapabilityError) return errorAnswer(400, id, error.code, error.message, error.data);
  return error instanceof ProtocolError ? errorAnswer(200, id, error.code, error.message) : undefined;
}

const isListen = (message: JSONRPCRequest | JSONRPCNotification): message is JSONRPCRequest => 'id' in message && message.method === 'subscriptions/listen';

/** @throws GatewayError 406 */
export function needEvents({ headers }: FastifyRequest): void {
  if (!takesEvents(headers.accept)) throw new GatewayError(NOT_ACCEPTABLE, 'a stream is of the type text/event-stream, which Accept does not name');
}
