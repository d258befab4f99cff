import { Injectable } from '@nestjs/common';
import { AuditWriter } from '../audit/audit.writer.js';
import { refusedRecord, type CallTarget } from '../audit/call-record.js';
import type { Entry } from '../catalog/entry.js';
import type { CallContext } from '../context/call-context.js';
import { insufficientScope } from '../errors/challenge.js';
import { GatewayError } from '../errors/gateway.error.js';
import { missingScopes } from '../policy/policy.js';
import { ToolViews } from '../policy/tool-views.js';

/** Hidden, foreign and unknown entries are one and the same; the edge answers it in its protocol's own words. */
export const UNKNOWN_ENTRY = { code: 'unknown_entry', status: 404 };

/** What must be settled before an answer begins: whether the entry exists for this caller, and whether it may be used. */
@Injectable()
export class CallGate {
  constructor(
    private readonly views: ToolViews,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * @param tool as the caller wrote it
   * @throws GatewayError `unknown_entry`, or 403 `insufficient_scope` with its challenge; either is on record by then
   */
  async admit(call: CallContext, tool: string, args: unknown): Promise<Entry> {
    const view = await this.views.viewOf(call);
    const entry = view.find(tool);
    if (!entry) return this.refuse(call, { tool, arguments: args }, new GatewayError(UNKNOWN_ENTRY, 'there is no such tool'));
    const missing = missingScopes(call.caller, entry);
    if (missing.length === 0) return entry;
    const target = { tool, api: entry.api.settings.name, arguments: args };
    return this.refuse(call, target, insufficientScope(call.resourceMetadata, call.caller.scopes, missing));
  }

  /** Throws the error once the refusal is on record. */
  async refuse(call: CallContext, target: CallTarget, error: GatewayError): Promise<never> {
    await this.audit.refused(call.tenant, refusedRecord(call, target, error.code));
    throw error;
  }
}
