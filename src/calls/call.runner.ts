import { ArgumentError, type HttpRequest, type JsonObject, type ToolResult } from '@gatehouse-mcp/openapi-tools';
import { Injectable, Logger } from '@nestjs/common';
import type { AuditRecord } from '../audit/audit-record.js';
import { AuditWriter } from '../audit/audit.writer.js';
import { refusedRecord, startRecord } from '../audit/call-record.js';
import type { Entry } from '../catalog/entry.js';
import type { CallContext } from '../context/call-context.js';
import { ConnectionRequiredError } from '../errors/connection-required.error.js';
import { GatewayError } from '../errors/gateway.error.js';
import { UpstreamError } from '../upstream/upstream.error.js';
import { OpenapiExecutor, type Trace } from './openapi.executor.js';

/** One admitted call from its arguments to its outcome. No call without a durable intent; every intent gets its outcome. */
@Injectable()
export class CallRunner {
  readonly #logger = new Logger(CallRunner.name);

  constructor(
    private readonly executor: OpenapiExecutor,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * @returns the API's answer as a tool result; a failure of the call is a result with `isError`
   * @throws GatewayError 503 when the intent cannot be made durable: nothing has been called then
   * @throws ConnectionRequiredError when the user has to connect something first
   */
  async run(call: CallContext, entry: Entry, args: JsonObject): Promise<ToolResult> {
    const target = { tool: entry.name, api: entry.api.settings.name, arguments: args };
    let request: HttpRequest;
    try {
      request = this.executor.prepare(entry, args);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      await this.audit.refused(call.tenant, refusedRecord(call, target, 'invalid_arguments'));
      return failure(error.message);
    }
    const intent = startRecord(call, target);
    await this.audit.intent(call.tenant, intent);
    return this.#execute(call, entry, request, intent);
  }

  async #execute(call: CallContext, entry: Entry, request: HttpRequest, intent: AuditRecord): Promise<ToolResult> {
    const startedAt = performance.now();
    const trace: Trace = { actor: null, scopes: null, upstreamStatus: null };
    let result: AuditRecord['result'] = 'failure';
    try {
      const answer = await this.executor.execute(call, entry, request, trace);
      result = answer.isError ? 'failure' : 'success';
      return answer;
    } catch (error) {
      if (error instanceof ConnectionRequiredError) throw error;
      if (error instanceof UpstreamError && error.mayHaveRun) result = 'unknown';
      return failure(this.#describe(call, error));
    } finally {
      const durationMs = Math.round((performance.now() - startedAt) * 1_000) / 1_000;
      await this.audit.outcome(call.tenant, { ...intent, ...trace, kind: 'outcome', at: new Date().toISOString(), result, durationMs });
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
