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

/** What a caller wants to use. */
export interface WantedTool {
  /** As the caller wrote it. */
  readonly tool: string;
  readonly arguments: unknown;
  /** It was named by an argument of a tool of the search, which only larger views have. */
  readonly isNamedInSearch: boolean;
}

/** What must be settled before an answer begins: whether the entry exists for this caller, and whether it may be used. */
@Injectable()
export class CallGate {
  constructor(
    private readonly views: ToolViews,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * @param clientProfile that the client is known to need
   * @throws GatewayError `unknown_entry`, or 403 `insufficient_scope` with its challenge; either is on record by then
   */
  async admit(call: CallContext, wanted: WantedTool, clientProfile?: string): Promise<Entry> {
    const entry = await this.find(call, wanted, clientProfile);
    await this.assertScopes(call, entry, wanted);
    return entry;
  }

  /** @throws GatewayError 403 `insufficient_scope` with its challenge, on record by then */
  async assertScopes(call: CallContext, entry: Pick<Entry, 'group' | 'required'>, { tool, arguments: args }: Pick<WantedTool, 'tool' | 'arguments'>): Promise<void> {
    const missing = missingScopes(call.caller, entry);
    if (missing.length > 0) await this.refuse(call, { tool, api: entry.group, arguments: args }, insufficientScope(call.resourceMetadata, call.caller.scopes, missing));
  }

  /** The tool of this name, if there is one for this caller. Nothing is on record of it. */
  async lookUp(call: CallContext, tool: string, clientProfile?: string): Promise<Entry | undefined> {
    return (await this.views.viewOf(call, clientProfile)).find(tool);
  }

  /** The entry, used or only looked at. @throws GatewayError `unknown_entry`, on record by then */
  async find(call: CallContext, { tool, arguments: args, isNamedInSearch }: WantedTool, clientProfile?: string): Promise<Entry> {
    const view = await this.views.viewOf(call, clientProfile);
    const entry = isNamedInSearch && !view.isSearched ? undefined : view.find(tool);
    return entry ?? this.refuse(call, { tool, arguments: args }, new GatewayError(UNKNOWN_ENTRY, 'there is no such tool'));
  }

  /** Throws the error once the refusal is on record. */
  async refuse(call: CallContext, target: CallTarget, error: GatewayError): Promise<never> {
    await this.audit.refused(call.tenant, refusedRecord(call, target, error.code));
    throw error;
  }

  /** Puts a call on record whose arguments name no tool that it could be passed on to. */
  async refuseArguments(call: CallContext, tool: string, args: unknown): Promise<void> {
    await this.audit.refused(call.tenant, refusedRecord(call, { tool, arguments: args }, 'invalid_arguments'));
  }
}
