import { ArgumentError, type JsonObject, type ToolResult } from '@gatehouse-mcp/openapi-tools';
import { Injectable } from '@nestjs/common';
import { isRecord, type PeerRequest } from '../../catalog/servers/expected-answer.js';
import type { McpEntry, ServerEntry } from '../../catalog/servers/mcp.entry.js';
import { McpResource, type McpPrompt } from '../../catalog/servers/mcp.resource.js';
import type { RemoteOrigin } from '../../catalog/servers/mcp.origin.js';
import type { CallContext } from '../../context/call-context.js';
import { CredentialChain } from '../../credentials/credential.chain.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { heldScopes } from '../../policy/policy.js';
import { ServerClient, type ServerRequest } from '../../upstream/mcp/server.client.js';
import { ServerStatusError } from '../../upstream/mcp/server.exchange.js';
import { judgeGrant } from '../grant.js';
import type { Trace } from '../openapi.executor.js';
import type { ClientLink } from '../native.executor.js';
import { askMounted } from './mounted.call.js';
import { asksForInput, toToolResult } from './server.result.js';

const INPUT = { code: 'upstream_malformed', status: 502 };
/** Of mounted servers, which have no settings. */
const DEFAULT_TOKENS = 25_000;

/** Most values of a completion (MCP, completion/complete). */
const MOST_VALUES = 100;

/** Suggestions, as `completion/complete` has them. */
export interface Completion {
  readonly values: string[];
  readonly hasMore: boolean;
}

/** Reading does no more when it is done twice. */
const READING: ReadonlySet<string> = new Set(['resources/read', 'prompts/get', 'completion/complete']);

/** Runs entries of other MCP servers: of those that are reached over HTTP, and of those that this process makes. */
@Injectable()
export class McpExecutor {
  constructor(
    private readonly credentials: CredentialChain,
    private readonly client: ServerClient,
  ) {}

  /** @throws ArgumentError whose message lets a model repair its call */
  prepare(entry: McpEntry, args: JsonObject): JsonObject {
    const checked = entry.check(args);
    if (!checked.ok) throw new ArgumentError(checked.message);
    return checked.args;
  }

  async callTool(call: CallContext, entry: McpEntry, args: JsonObject, link: ClientLink, trace: Trace): Promise<ToolResult> {
    const { definition, origin } = entry;
    const onProgress: PeerRequest['onProgress'] = link.wantsProgress ? ({ progress, total, message }) => link.progress(progress, total, message) : undefined;
    const isRepeatable = definition.annotations?.readOnlyHint === true;
    const request = { method: 'tools/call', params: { name: definition.name, arguments: args }, onProgress, inputSchema: definition.inputSchema };
    const result = await this.#ask(call, entry, request, isRepeatable, trace);
    return toToolResult(entry.upstream, result, origin.kind === 'remote' ? origin.settings.results.maxTokens : DEFAULT_TOKENS);
  }

  /** Reads a resource or gets a prompt. @returns the members that MCP has for it */
  async get(call: CallContext, entry: McpResource | McpPrompt, input: JsonObject, trace: Trace): Promise<JsonObject> {
    const request = entry instanceof McpResource ? { method: 'resources/read', params: { uri: input['uri'] ?? '' } } : { method: 'prompts/get', params: { name: entry.definition.name, arguments: input } };
    const result = await this.#ask(call, entry, request, true, trace);
    if (asksForInput(result)) throw new GatewayError(INPUT, `${entry.upstream} asks its user for something, which a gateway does not pass on`);
    const [member, other] = entry instanceof McpResource ? ['contents', undefined] : ['messages', 'description'];
    if (!Array.isArray(result[member])) throw new GatewayError(INPUT, `${entry.upstream} sent a result without ${member}`);
    return { [member]: result[member], ...(other !== undefined && typeof result[other] === 'string' ? { [other]: result[other] } : {}) };
  }

  /** @param argument as `completion/complete` has it */
  async complete(call: CallContext, entry: McpResource | McpPrompt, argument: JsonObject, others: JsonObject): Promise<Completion> {
    const ref = entry instanceof McpResource ? { type: 'ref/resource', uri: entry.uri } : { type: 'ref/prompt', name: entry.definition.name };
    const trace: Trace = { actor: null, scopes: null, upstreamStatus: null };
    const { completion } = await this.#ask(call, entry, { method: 'completion/complete', params: { ref, argument, context: { arguments: others } } }, true, trace);
    const values = isRecord(completion) && Array.isArray(completion['values']) ? completion['values'].filter((value) => typeof value === 'string') : [];
    return { values: values.slice(0, MOST_VALUES), hasMore: values.length > MOST_VALUES || (isRecord(completion) && completion['hasMore'] === true) };
  }

  async #ask(call: CallContext, entry: ServerEntry, request: ServerRequest, isRepeatable: boolean, trace: Trace): Promise<JsonObject> {
    const { origin } = entry;
    if (origin.kind === 'mounted') return askMounted(call, origin, request);
    try {
      return await this.#askOnce(call, entry, origin, request, trace);
    } catch (error) {
      // A token that the server no longer takes is given up; where asking twice does no more than once, it is asked with another.
      if (!(error instanceof ServerStatusError) || error.httpStatus !== 401 || !(isRepeatable || READING.has(request.method))) throw error;
      return this.#askOnce(call, entry, origin, request, trace);
    }
  }

  async #askOnce(call: CallContext, entry: ServerEntry, { settings }: RemoteOrigin, request: ServerRequest, trace: Trace): Promise<JsonObject> {
    const asked = heldScopes(call.caller, entry);
    const credential = await this.credentials.obtain(call, settings, asked);
    trace.actor = credential.actor;
    trace.scopes = credential.scopes;
    await judgeGrant(call, entry, asked, credential);
    try {
      const result = await this.client.request(call, settings, credential, request);
      trace.upstreamStatus = 200;
      return result;
    } catch (error) {
      if (error instanceof ServerStatusError) trace.upstreamStatus = error.httpStatus;
      if (error instanceof ServerStatusError && error.httpStatus === 401) credential.evict?.();
      throw error;
    }
  }
}
