import { hash, randomUUID } from 'node:crypto';
import { writeJson, type JsonValue } from '@gatehouse-mcp/openapi-tools';
import type { CallContext } from '../context/call-context.js';
import type { AuditRecord } from './audit-record.js';

/** What a record says of who asks. */
export type RecordedContext = Pick<CallContext, 'requestId' | 'caller' | 'address'>;

/** What is known of a call's target when a record is made. */
export interface CallTarget {
  readonly tool: string;
  readonly api?: string;
  /** The arguments as they came; only their digest is recorded. */
  readonly arguments?: unknown;
}

/** The fields that every record of one call shares, its intent first of all. */
export function startRecord(call: RecordedContext, target: CallTarget): AuditRecord {
  const { caller } = call;
  return {
    callId: randomUUID(),
    kind: 'intent',
    at: new Date().toISOString(),
    requestId: call.requestId,
    issuer: caller.issuer,
    subject: caller.subject,
    clientId: caller.clientId ?? null,
    actor: null,
    api: target.api ?? null,
    tool: target.tool,
    decision: 'allowed',
    result: null,
    upstreamStatus: null,
    durationMs: null,
    scopes: null,
    argumentDigest: target.arguments === undefined ? null : digestOf(target.arguments),
    address: call.address,
  };
}

/** Arguments came in as JSON, whatever their type says by now. */
const digestOf = (args: unknown): string => hash('sha256', writeJson(args as JsonValue), 'hex');

/** A call that did not happen, and why. */
export function refusedRecord(call: RecordedContext, target: CallTarget, decision: string): AuditRecord {
  return { ...startRecord(call, target), kind: 'refused', decision };
}
