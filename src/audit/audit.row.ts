import { escapeField } from '@gatehouse-mcp/audit-chain';
import type { AuditRecord } from './audit-record.js';

const scopesLimit = 100;

/** The record as it is hashed and stored: every text escaped and cut, so that no field can break a reader of the trail. */
export function toStoredRecord(record: AuditRecord): AuditRecord {
  // In the order of the canonical form, which makes hashing it five times as fast.
  return {
    actor: escapeOptional(record.actor),
    address: escapeField(record.address),
    api: escapeOptional(record.api),
    argumentDigest: escapeOptional(record.argumentDigest),
    at: canonicalTime(record.at),
    callId: escapeField(record.callId),
    clientId: escapeOptional(record.clientId),
    decision: escapeField(record.decision),
    durationMs: finiteNumber(record.durationMs),
    issuer: escapeField(record.issuer),
    kind: record.kind,
    requestId: escapeField(record.requestId),
    result: record.result,
    scopes: record.scopes === null ? null : record.scopes.slice(0, scopesLimit).map((scope) => escapeField(scope)),
    subject: escapeField(record.subject),
    tool: escapeField(record.tool),
    upstreamStatus: wholeNumber(record.upstreamStatus),
  };
}

const CANONICAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** PostgreSQL gives times back as the same instant, not as the same text; only this one form survives that. */
function canonicalTime(at: string): string {
  return CANONICAL_TIME.test(at) ? at : new Date(at).toISOString();
}

function escapeOptional(text: string | null): string | null {
  return text === null ? null : escapeField(text);
}

function wholeNumber(value: number | null): number | null {
  return value !== null && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : null;
}

function finiteNumber(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
