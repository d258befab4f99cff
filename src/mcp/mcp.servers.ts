import { ProtocolError, ProtocolErrorCode, Server, SUPPORTED_PROTOCOL_VERSIONS, type CallToolResult, type InputRequiredResult } from '@modelcontextprotocol/server';
import type { JsonObject, ToolResult } from '@gatehouse-mcp/openapi-tools';
import { Injectable, Logger } from '@nestjs/common';
import { CallRunner } from '../calls/call.runner.js';
import type { Entry } from '../catalog/entry.js';
import type { CallContext } from '../context/call-context.js';
import { ConnectionRequiredError } from '../errors/connection-required.error.js';
import { GatewayError } from '../errors/gateway.error.js';
import { ToolViews } from '../policy/tool-views.js';
import type { Notifier } from './answer.js';
import { IDENTITY, toCallToolResult } from './call-tool-result.js';
import { askToConnect, type UrlElicitation } from './connection-required.js';
import { MODERN_VERSIONS } from './inbound-message.js';
import type { RawMember } from './json-rpc.js';
import { reportProgress } from './progress.js';

const CAPABILITIES = { tools: { listChanged: true } };
/** A tool list depends on the caller; a minute is also our revocation bound. */
const CACHE_HINTS = { 'tools/list': { ttlMs: 60_000, cacheScope: 'private' } } as const;
const LEGACY_OPTIONS = { capabilities: CAPABILITIES, supportedProtocolVersions: [...SUPPORTED_PROTOCOL_VERSIONS] };
const MODERN_OPTIONS = { capabilities: CAPABILITIES, supportedProtocolVersions: [...MODERN_VERSIONS], cacheHints: CACHE_HINTS };

/** What one exchange's handlers know and leave behind. */
export interface Exchange {
  readonly call: CallContext;
  /** The entry that the gate admitted; undefined for anything but a tools/call. */
  readonly entry: Entry | undefined;
  /** How the client can be asked to open an address. */
  readonly urlElicitation: UrlElicitation;
  /** Where what is said before the result goes. */
  readonly notifier: Notifier;
  /** `_meta.progressToken` of the request. */
  readonly progressToken: unknown;
  raw: RawMember | undefined;
}

/** Makes the SDK's server of one exchange; never shared, so that no answer can reach another client. */
@Injectable()
export class McpServers {
  readonly #logger = new Logger(McpServers.name);

  constructor(
    private readonly views: ToolViews,
    private readonly runner: CallRunner,
  ) {}

  create(era: 'modern' | 'legacy', exchange: Exchange): Server {
    const server = new Server(IDENTITY, era === 'modern' ? MODERN_OPTIONS : LEGACY_OPTIONS);
    server.setRequestHandler('tools/list', ({ params }) => this.#translate(exchange, () => this.#listTools(exchange, params?.cursor)));
    server.setRequestHandler('tools/call', ({ params }) => this.#translate(exchange, () => this.#callTool(exchange, params.arguments)));
    return server;
  }

  /** The SDK sends a thrown error's message as it is, so nothing but public messages may leave a handler. */
  async #translate<T>({ call }: Exchange, handle: () => Promise<T>): Promise<T> {
    try {
      return await handle();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      if (error instanceof GatewayError) throw new ProtocolError(ProtocolErrorCode.InternalError, error.message, { code: error.code });
      this.#logger.error({ msg: 'a message failed unexpectedly', requestId: call.requestId, err: error });
      throw new ProtocolError(ProtocolErrorCode.InternalError, `internal error; request ${call.requestId}`);
    }
  }

  async #listTools(exchange: Exchange, cursor: string | undefined) {
    const view = await this.views.viewOf(exchange.call);
    const page = view.page(cursor);
    if (!page) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'the cursor is not one of this list');
    exchange.raw = { name: 'tools', json: page.tools };
    return { tools: [], ...(page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor }) };
  }

  async #callTool(exchange: Exchange, args: Record<string, unknown> | undefined): Promise<CallToolResult | InputRequiredResult> {
    if (!exchange.entry) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'tools/call needs the name of a tool');
    const stopReporting = reportProgress(exchange.notifier, exchange.progressToken, `waiting for ${exchange.entry.api.settings.name}`);
    let result: ToolResult;
    try {
      // JSON came in, so the arguments are JSON.
      result = await this.runner.run(exchange.call, exchange.entry, (args ?? {}) as JsonObject);
    } catch (error) {
      if (error instanceof ConnectionRequiredError) return askToConnect(error, exchange.urlElicitation);
      throw error;
    } finally {
      stopReporting();
    }
    if (result.structuredJson !== undefined) exchange.raw = { name: 'structuredContent', json: result.structuredJson };
    return toCallToolResult(result);
  }
}
