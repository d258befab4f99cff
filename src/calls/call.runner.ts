import { ArgumentError, type JsonObject, type LinkAnswer, type ToolResult, type WholeAnswer } from '@gatehouse-mcp/openapi-tools';
import { Injectable, Logger } from '@nestjs/common';
import type { AuditRecord } from '../audit/audit-record.js';
import { AuditWriter } from '../audit/audit.writer.js';
import { refusedRecord, startRecord, type CallTarget } from '../audit/call-record.js';
import { OpenapiEntry, type Entry } from '../catalog/entry.js';
import { InputNeeded } from '../catalog/native/native.definitions.js';
import { NativeTool, type NativePrompt, type NativeResource } from '../catalog/native/native.entry.js';
import { McpEntry } from '../catalog/servers/mcp.entry.js';
import { McpPrompt, McpResource } from '../catalog/servers/mcp.resource.js';
import type { CallContext } from '../context/call-context.js';
import { ConnectionRequiredError } from '../errors/connection-required.error.js';
import { GatewayError } from '../errors/gateway.error.js';
import { UpstreamError } from '../upstream/upstream.error.js';
import { McpExecutor, type Completion } from './mcp/mcp.executor.js';
import { NativeExecutor, type Argument, type ClientLink } from './native.executor.js';
import { OpenapiExecutor, type Trace } from './openapi.executor.js';

const FAILED = { code: 'internal_error', status: 500 };
const API_ERROR = { code: 'api_error', status: 502 };

/** What is done between a call's intent and its outcome. */
type Work<Result> = (trace: Trace) => Promise<Result>;

/** One admitted call from its arguments to its outcome. No call without a durable intent; every intent gets its outcome. */
@Injectable()
export class CallRunner {
  readonly #logger = new Logger(CallRunner.name);

  constructor(
    private readonly openapi: OpenapiExecutor,
    private readonly native: NativeExecutor,
    private readonly mcp: McpExecutor,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * Calls a tool.
   * @param link made only for an entry that talks to its client
   * @param linkAnswer where the whole of an API's answer can be read
   * @returns its result, or what it needs first; a failure of the call is a result with `isError`
   * @throws GatewayError 503 when the intent cannot be made durable: nothing has been called then
   * @throws ConnectionRequiredError when the user has to connect something first
   */
  async run(call: CallContext, entry: Entry, args: JsonObject, link: () => Promise<ClientLink>, linkAnswer?: LinkAnswer): Promise<ToolResult | InputNeeded> {
    const target = { tool: entry.name, api: entry.group, arguments: args };
    let work: Work<ToolResult | InputNeeded>;
    try {
      work = await this.#prepared(call, target, () => this.#prepare(call, entry, args, link, linkAnswer));
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      return failure(error.message);
    }
    const intent = await this.#begin(call, target);
    try {
      return await this.#attend(call, intent, work, (result) => result instanceof InputNeeded || !result.isError);
    } catch (error) {
      if (error instanceof ConnectionRequiredError) throw error;
      return failure(this.#describe(call, error));
    }
  }

  /**
   * Calls an API for its whole answer.
   * @throws ArgumentError for arguments that do not fit
   * @throws GatewayError whose message is public: also for an answer of the API that is an error, or cannot be whole
   * @throws ConnectionRequiredError when the user has to connect something first
   */
  async read(call: CallContext, entry: OpenapiEntry, args: JsonObject): Promise<Exclude<WholeAnswer, { error: string }>> {
    const target = { tool: entry.name, api: entry.group, arguments: args };
    const request = await this.#prepared(call, target, async () => this.openapi.prepare(entry, args));
    const answer = await this.#getPublicly(call, target, (trace) => this.openapi.read(call, entry, request, trace), (whole) => !('error' in whole));
    if ('error' in answer) throw new GatewayError(API_ERROR, answer.error);
    return answer;
  }

  /**
   * Reads a resource or gets a prompt.
   * @param input as the entry takes it
   * @throws GatewayError whose message is public
   */
  async get(call: CallContext, entry: NativeResource | NativePrompt | McpResource | McpPrompt, input: JsonObject, link: ClientLink): Promise<unknown> {
    const work: Work<unknown> = (trace) => (entry instanceof McpResource || entry instanceof McpPrompt ? this.mcp.get(call, entry, input, trace) : this.native.handle(call, entry, input, link, trace));
    return this.#getPublicly(call, { tool: entry.name, api: entry.group, arguments: input }, work, () => true);
  }

  /** Suggestions of another server for an argument, in its own form. */
  async complete(call: CallContext, entry: McpResource | McpPrompt, argument: JsonObject, others: JsonObject): Promise<Completion> {
    return this.mcp.complete(call, entry, argument, others);
  }

  /**
   * Suggests values; no call, so that it has no record.
   * @throws GatewayError whose message is public
   */
  async suggest(call: CallContext, entry: NativeResource | NativePrompt, argument: Argument, others: Readonly<Record<string, string>>): Promise<readonly string[]> {
    try {
      return await this.native.suggest(call, entry, argument, others);
    } catch (error) {
      throw this.#toPublic(call, error);
    }
  }

  /** @throws GatewayError and nothing else */
  async #getPublicly<Result>(call: CallContext, target: CallTarget, work: Work<Result>, isSuccess: (result: Result) => boolean): Promise<Result> {
    const intent = await this.#begin(call, target);
    try {
      return await this.#attend(call, intent, work, isSuccess);
    } catch (error) {
      throw this.#toPublic(call, error);
    }
  }

  #toPublic(call: CallContext, error: unknown): GatewayError {
    return error instanceof GatewayError ? error : new GatewayError(FAILED, this.#describe(call, error), { cause: error });
  }

  /** @throws ArgumentError, on record by then */
  async #prepared<Result>(call: CallContext, target: CallTarget, prepare: () => Promise<Result>): Promise<Result> {
    try {
      return await prepare();
    } catch (error) {
      if (error instanceof ArgumentError) await this.audit.refused(call.tenant, refusedRecord(call, target, 'invalid_arguments'));
      throw error;
    }
  }

  async #prepare(call: CallContext, entry: Entry, args: JsonObject, link: () => Promise<ClientLink>, linkAnswer: LinkAnswer | undefined): Promise<Work<ToolResult | InputNeeded>> {
    if (entry instanceof OpenapiEntry) return this.#callApi(call, entry, args, linkAnswer);
    return entry instanceof McpEntry ? this.#callServer(call, entry, args, link) : this.#callNative(call, entry, args, link);
  }

  async #callServer(call: CallContext, entry: McpEntry, args: JsonObject, link: () => Promise<ClientLink>): Promise<Work<ToolResult>> {
    const checked = this.mcp.prepare(entry, args);
    const linked = await link();
    return (trace) => this.mcp.callTool(call, entry, checked, linked, trace);
  }

  #callApi(call: CallContext, entry: OpenapiEntry, args: JsonObject, link: LinkAnswer | undefined): Work<ToolResult> {
    const request = this.openapi.prepare(entry, args);
    return (trace) => this.openapi.execute(call, entry, request, trace, link);
  }

  async #callNative(call: CallContext, entry: Entry, args: JsonObject, link: () => Promise<ClientLink>): Promise<Work<ToolResult | InputNeeded>> {
    if (!(entry instanceof NativeTool)) throw new Error(`nobody runs the entry ${entry.name}`);
    const input = await this.native.prepare(entry, args);
    const linked = await link();
    return (trace) => this.native.callTool(call, entry, input, linked, trace);
  }

  async #begin(call: CallContext, target: CallTarget): Promise<AuditRecord> {
    const intent = startRecord(call, target);
    await this.audit.intent(call.tenant, intent);
    return intent;
  }

  async #attend<Result>(call: CallContext, intent: AuditRecord, work: Work<Result>, isSuccess: (result: Result) => boolean): Promise<Result> {
    const startedAt = performance.now();
    const trace: Trace = { actor: null, scopes: null, upstreamStatus: null };
    let outcome: AuditRecord['result'] = 'failure';
    try {
      const result = await work(trace);
      outcome = isSuccess(result) ? 'success' : 'failure';
      return result;
    } catch (error) {
      if (error instanceof UpstreamError && error.mayHaveRun) outcome = 'unknown';
      throw error;
    } finally {
      const durationMs = Math.round((performance.now() - startedAt) * 1_000) / 1_000;
      await this.audit.outcome(call.tenant, { ...intent, ...trace, kind: 'outcome', at: new Date().toISOString(), result: outcome, durationMs });
    }
  }

  #describe(call: CallContext, error: unknown): string {
    if (error instanceof GatewayError) return error.message;
    this.#logger.error({ msg: 'a call failed unexpectedly', requestId: call.requestId, err: error });
    return `internal error; request ${call.requestId}`;
  }
}

function failure(text: string): ToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}
