import { type CallToolResult, type InputRequiredResult, type JSONRPCRequest, ProtocolError, ProtocolErrorCode, type Server } from '@modelcontextprotocol/server';
import type { JsonObject, ToolResult } from '@gatehouse-mcp/openapi-tools';
import { Injectable } from '@nestjs/common';
import { CallGate } from '../calls/call.gate.js';
import { CallRunner } from '../calls/call.runner.js';
import { OpenapiEntry, type Entry } from '../catalog/entry.js';
import { InputNeeded } from '../catalog/native/native.definitions.js';
import { NativeTool } from '../catalog/native/native.entry.js';
import { CALL_TOOL, DESCRIBE_TOOL, SEARCH_TOOLS } from '../catalog/search-tools.names.js';
import type { CallContext } from '../context/call-context.js';
import { ConnectionRequiredError } from '../errors/connection-required.error.js';
import { ToolViews } from '../policy/tool-views.js';
import { ApiResources } from './api.resources.js';
import { toCallToolResult, toText } from './call-tool-result.js';
import { adviseToConnect, askToConnect } from './connection-required.js';
import type { Client, Exchange } from './mcp.servers.js';
import { NativeHandlers } from './native.handlers.js';
import { assertCapable, readCapabilities } from './native.link.js';
import { reportProgress } from './progress.js';
import { describeHits, listSearchTools, readDescribeArguments, readSearchArguments, readToolCall } from './search-tools.js';

/** Lists, finds and calls tools. */
@Injectable()
export class ToolHandlers {
  constructor(
    private readonly views: ToolViews,
    private readonly gate: CallGate,
    private readonly runner: CallRunner,
    private readonly natives: NativeHandlers,
    private readonly answers: ApiResources,
  ) {}

  /**
   * What must be settled before the answer to a tools/call begins, the tool that call_tool passes on to included.
   * @returns undefined for every other message, and for what {@link register}'s handlers answer by themselves
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

  register(server: Server, exchange: Exchange, translate: <T>(handle: () => Promise<T>) => Promise<T>): void {
    server.setRequestHandler('tools/list', ({ params }) => translate(() => this.#listTools(exchange, params?.cursor)));
    server.setRequestHandler('tools/call', ({ params }) => translate(() => this.#callTool(exchange, params.name, params.arguments)));
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
    const stopReporting = entry instanceof OpenapiEntry ? reportProgress(exchange.notifier, exchange.message.params?.['_meta']?.progressToken, `waiting for ${entry.group}`) : () => undefined;
    let result: ToolResult | InputNeeded;
    try {
      // JSON came in, so the arguments are JSON.
      const given = (asked.wanted.arguments ?? {}) as JsonObject;
      result = await this.runner.run(exchange.call, entry, given, () => this.natives.link(exchange, entry.name), this.answers.linkTo(exchange, entry, given));
    } catch (error) {
      if (error instanceof ConnectionRequiredError) return askToConnect(error, exchange.client.urlElicitation) ?? toText(adviseToConnect(error, 'call the tool'), true);
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
