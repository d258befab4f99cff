import { ProtocolError, ProtocolErrorCode, Server, SUPPORTED_PROTOCOL_VERSIONS, type ServerOptions, type CallToolResult, type InputRequiredResult, type JSONRPCNotification, type JSONRPCRequest } from '@modelcontextprotocol/server';
import type { JsonObject, ToolResult } from '@gatehouse-mcp/openapi-tools';
import { Injectable, Logger } from '@nestjs/common';
import { CallGate, UNKNOWN_ENTRY } from '../calls/call.gate.js';
import { CallRunner } from '../calls/call.runner.js';
import { OpenapiEntry, type Entry } from '../catalog/entry.js';
import { InputNeeded } from '../catalog/native/native.definitions.js';
import { NativeTool } from '../catalog/native/native.entry.js';
import { CALL_TOOL, DESCRIBE_TOOL, SEARCH_TOOLS } from '../catalog/search-tools.names.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import type { CallContext } from '../context/call-context.js';
import { ConnectionRequiredError } from '../errors/connection-required.error.js';
import { GatewayError } from '../errors/gateway.error.js';
import { ToolViews } from '../policy/tool-views.js';
import type { Notifier } from './answer.js';
import { IDENTITY, toCallToolResult, toText } from './call-tool-result.js';
import { readClientFacts, sessionIdFor, type ClientFacts } from './client-facts.js';
import { createFindProfile, type FindProfile } from './client-profiles.js';
import { askToConnect } from './connection-required.js';
import { MODERN_VERSIONS } from './inbound-message.js';
import type { RawMember } from './json-rpc.js';
import { reportProgress } from './progress.js';
import { NativeHandlers, type NativeTarget } from './native.handlers.js';
import { assertCapable, readCapabilities } from './native.link.js';
import { describeHits, listSearchTools, readDescribeArguments, readSearchArguments, readToolCall, SEARCH_INSTRUCTIONS } from './search-tools.js';

/** A list depends on the caller; a minute is also our revocation bound. */
const LISTED = { ttlMs: 60_000, cacheScope: 'private' } as const;
/** Nobody says how long what was read stays as it is. */
const READ = { ttlMs: 0, cacheScope: 'private' } as const;
const CACHE_HINTS = { 'tools/list': LISTED, 'resources/list': LISTED, 'resources/templates/list': LISTED, 'resources/read': READ, 'prompts/list': LISTED } as const;

/** Messages that a client gets instructions in answer to. */
const GREETINGS: ReadonlySet<string> = new Set(['initialize', 'server/discover']);

/** What is known of the client of an exchange, and what it is to be told. */
export interface Client extends ClientFacts {
  readonly instructions: string | undefined;
}

/** What one exchange's handlers know and leave behind. */
export interface Exchange {
  readonly era: 'modern' | 'legacy';
  readonly call: CallContext;
  /** The entry that the gate admitted; undefined for anything but the call of a tool of an API. */
  readonly entry: Entry | undefined;
  readonly client: Client;
  /** Where what is said before the result goes. */
  readonly notifier: Notifier;
  readonly message: JSONRPCRequest;
  /** The resource or prompt that was admitted. */
  readonly native: NativeTarget | undefined;
  /** What tells programs of one user and client apart. */
  readonly sessionId: unknown;
  raw: RawMember | undefined;
}

/** Makes the SDK's server of one exchange; never shared, so that no answer can reach another client. */
@Injectable()
export class McpServers {
  readonly #logger = new Logger(McpServers.name);
  #options: (Readonly<Record<'modern' | 'legacy', ServerOptions>> & { readonly settings: object }) | undefined;
  /** Made of the profiles of one revision. */
  #findProfile: { readonly configured: object; readonly find: FindProfile } | undefined;

  constructor(
    private readonly views: ToolViews,
    private readonly gate: CallGate,
    private readonly runner: CallRunner,
    private readonly live: LiveConfiguration,
    private readonly natives: NativeHandlers,
  ) {}

  /** The `Mcp-Session-Id` to answer a legacy message with; undefined for all but `initialize`. */
  sessionIdFor(message: JSONRPCRequest | JSONRPCNotification): string | undefined {
    return sessionIdFor(message, this.#profiles);
  }

  /** @param sessionId the `Mcp-Session-Id` header */
  async readClient(call: CallContext, era: 'modern' | 'legacy', message: JSONRPCRequest, sessionId: string | string[] | undefined): Promise<Client> {
    const facts = readClientFacts(era, message, sessionId, this.#profiles);
    const isSearched = GREETINGS.has(message.method) && (await this.views.viewOf(call, facts.profile)).isSearched;
    return { ...facts, instructions: isSearched ? SEARCH_INSTRUCTIONS : undefined };
  }

  /**
   * What must be settled before the answer to a tools/call begins, the tool that call_tool passes on to included.
   * @returns undefined for every other message, and for what {@link create}'s server answers by itself
   * @throws GatewayError of the gate, MissingRequiredClientCapabilityError for what the client did not declare
   */
  async admit(call: CallContext, era: 'modern' | 'legacy', message: JSONRPCRequest, { profile }: Client): Promise<Entry | undefined> {
    const { method, params } = message;
    if (method !== 'tools/call' || typeof params?.['name'] !== 'string') return undefined;
    const asked = readToolCall(params['name'], params['arguments']);
    if (asked.kind !== 'call') return undefined;
    const entry = await this.gate.admit(call, asked.wanted, profile);
    if (era === 'modern' && entry instanceof NativeTool) assertCapable(entry.definition.needs ?? [], readCapabilities(message));
    return entry;
  }

  create(exchange: Exchange): Server {
    const { instructions } = exchange.client;
    const server = new Server(IDENTITY, { ...this.#optionsOf(exchange.era), ...(instructions === undefined ? {} : { instructions }) });
    server.setRequestHandler('tools/list', ({ params }) => this.#translate(exchange, () => this.#listTools(exchange, params?.cursor)));
    server.setRequestHandler('tools/call', ({ params }) => this.#translate(exchange, () => this.#callTool(exchange, params.name, params.arguments)));
    this.natives.register(server, exchange, (handle) => this.#translate(exchange, handle));
    return server;
  }

  /** Made once for a revision, which may have other servers. */
  #optionsOf(era: 'modern' | 'legacy'): ServerOptions {
    const { settings } = this.live.current;
    if (this.#options?.settings === settings) return this.#options[era];
    this.#options = {
      settings,
      legacy: { capabilities: { tools: { listChanged: true }, ...this.natives.capabilities('legacy') }, supportedProtocolVersions: [...SUPPORTED_PROTOCOL_VERSIONS] },
      modern: { capabilities: { tools: { listChanged: true }, ...this.natives.capabilities('modern') }, supportedProtocolVersions: [...MODERN_VERSIONS], cacheHints: CACHE_HINTS },
    };
    return this.#options[era];
  }

  get #profiles(): FindProfile {
    const configured = this.live.current.settings.tools.profiles;
    if (this.#findProfile?.configured !== configured) this.#findProfile = { configured, find: createFindProfile(configured) };
    return this.#findProfile.find;
  }

  /** The SDK sends a thrown error's message as it is, so nothing but public messages may leave a handler. */
  async #translate<T>({ call }: Exchange, handle: () => Promise<T>): Promise<T> {
    try {
      return await handle();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      if (error instanceof GatewayError && error.code === UNKNOWN_ENTRY.code) throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
      if (error instanceof GatewayError) throw new ProtocolError(ProtocolErrorCode.InternalError, error.message, { code: error.code });
      this.#logger.error({ msg: 'a message failed unexpectedly', requestId: call.requestId, err: error });
      throw new ProtocolError(ProtocolErrorCode.InternalError, `internal error; request ${call.requestId}`);
    }
  }

  async #listTools(exchange: Exchange, cursor: string | undefined) {
    const view = await this.views.viewOf(exchange.call, exchange.client.profile);
    const page = view.isSearched ? (cursor === undefined ? { tools: listSearchTools(view.profile), nextCursor: undefined } : undefined) : view.page(cursor);
    if (!page) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'the cursor is not one of this list');
    exchange.raw = { name: 'tools', json: page.tools };
    return { tools: [], ...(page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor }) };
  }

  async #callTool(exchange: Exchange, name: string, args: Record<string, unknown> | undefined): Promise<CallToolResult | InputRequiredResult> {
    const asked = readToolCall(name, args);
    if (asked.kind === 'search') return this.#search(exchange, asked.arguments);
    if (asked.kind === 'describe') return this.#describe(exchange, asked.arguments);
    if (asked.kind === 'refused') return this.#refuse(exchange, asked);
    if (!exchange.entry) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'tools/call needs the name of a tool');
    const { entry } = exchange;
    // A handler of ours, and another MCP server, says itself how far it is.
    const stopReporting = !(entry instanceof OpenapiEntry) ? () => undefined : reportProgress(exchange.notifier, exchange.message.params?.['_meta']?.progressToken, `waiting for ${entry.group}`);
    let result: ToolResult | InputNeeded;
    try {
      // JSON came in, so the arguments are JSON.
      result = await this.runner.run(exchange.call, entry, (asked.wanted.arguments ?? {}) as JsonObject, () => this.natives.link(exchange, entry.name));
    } catch (error) {
      if (error instanceof ConnectionRequiredError) return askToConnect(error, exchange.client.urlElicitation);
      throw error;
    } finally {
      stopReporting();
    }
    if (result instanceof InputNeeded) {
      // A legacy client would be asked by a request of ours, for which there is no session.
      return exchange.era === 'legacy' ? toText(`${entry.name} asks its user for something, which only clients of the revision 2026-07-28 can pass on`, true) : this.natives.ask(exchange, entry.name, result);
    }
    if (result.structuredJson !== undefined) exchange.raw = { name: 'structuredContent', json: result.structuredJson };
    return toCallToolResult(result);
  }

  async #search({ call, client }: Exchange, args: unknown): Promise<CallToolResult> {
    const view = await this.views.viewOf(call, client.profile);
    if (!view.isSearched) return this.#refuseUnknown(call, SEARCH_TOOLS, args);
    const read = readSearchArguments(args);
    if (!read.ok) return toText(`The arguments of ${SEARCH_TOOLS} are not valid: ${read.message}`, true);
    const hits = await view.search(read.value.query, read.value.limit);
    return toText(describeHits(hits.map(({ entry: { name, title, description } }) => ({ name, title, description }))));
  }

  async #describe({ call, client }: Exchange, args: unknown): Promise<CallToolResult> {
    const view = await this.views.viewOf(call, client.profile);
    if (!view.isSearched) return this.#refuseUnknown(call, DESCRIBE_TOOL, args);
    const read = readDescribeArguments(args);
    if (!read.ok) return toText(`The arguments of ${DESCRIBE_TOOL} are not valid: ${read.message}`, true);
    const { name } = read.value;
    const entry = await this.gate.find(call, { tool: name, arguments: undefined, isNamedInSearch: true }, client.profile);
    return toText(entry.toolJson());
  }

  async #refuse({ call, client }: Exchange, asked: { readonly arguments: unknown; readonly message: string }): Promise<CallToolResult> {
    const view = await this.views.viewOf(call, client.profile);
    if (!view.isSearched) return this.#refuseUnknown(call, CALL_TOOL, asked.arguments);
    await this.gate.refuseArguments(call, CALL_TOOL, asked.arguments);
    return toText(`The arguments of ${CALL_TOOL} are not valid: ${asked.message}`, true);
  }

  /** Where there is no search its tools are unknown ones, as no tool of an API has their names. */
  async #refuseUnknown(call: CallContext, tool: string, args: unknown): Promise<never> {
    await this.gate.find(call, { tool, arguments: args, isNamedInSearch: true });
    throw new Error(`a tool of an API is named ${tool}`);
  }
}
