import type { AuditReader, AuditRow } from './audit.reader.js';
import type { Stage } from './story.js';

export async function tellAudit({ narrator, auditReader }: Stage, since: Date): Promise<void> {
  narrator.open('the audit rows: an intent before each call, its outcome after, and every refusal');
  const rows = await readSettledRows(auditReader, since);
  narrator.say(formatRows(rows));
  const find = (part: Partial<AuditRow>): readonly AuditRow[] => rows.filter((row) => Object.entries(part).every(([key, value]) => row[key as keyof AuditRow] === value));

  const intents = find({ kind: 'intent' });
  const open = findOpen(rows);
  narrator.check(`each of the ${intents.length} intents has its outcome`, intents.length > 0 && open.length === 0, open.map((row) => row.tool));
  const created = find({ tenant: 'acme', subject: 'alice', tool: 'orders_createOrder', kind: 'outcome', result: 'success', upstreamStatus: 201 });
  narrator.check("alice's new order is there, with gatehouse as actor", created.length === 1 && created[0]?.actor === 'gatehouse', created);
  const missed = find({ tenant: 'globex', subject: 'bob', tool: 'orders_getOrder', kind: 'outcome', upstreamStatus: 404 });
  narrator.check("bob's 404 is there, in the trail of globex", missed.length === 1, missed);
  const refused = find({ tenant: 'acme', subject: 'carol', tool: 'orders_createOrder', decision: 'insufficient_scope' });
  narrator.check("carol's two refusals are there, and no call", refused.length === 2 && find({ subject: 'carol', tool: 'orders_createOrder', kind: 'intent' }).length === 0, refused);
  narrator.check('no row holds a token', rows.every((row) => !/eyJ[\w-]{10}/.test(row.whole)), 'a row with a token');
}

const settleMs = 3000;

/** An outcome may be written a moment after its answer was sent; an intent never is. */
async function readSettledRows(reader: AuditReader, since: Date): Promise<readonly AuditRow[]> {
  for (const deadline = performance.now() + settleMs; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const rows = await reader.readAuditRows(since);
    if (findOpen(rows).length === 0 || performance.now() > deadline) return rows;
  }
}

function findOpen(rows: readonly AuditRow[]): readonly AuditRow[] {
  const ended = new Set(rows.filter((row) => row.kind === 'outcome').map((row) => row.callId));
  return rows.filter((row) => row.kind === 'intent' && !ended.has(row.callId));
}

function formatRows(rows: readonly AuditRow[]): string {
  const lines = rows.map((row) => [
    row.at.toISOString().slice(11, 23),
    row.tenant.padEnd(6),
    row.subject.padEnd(6),
    row.kind.padEnd(7),
    row.tool.padEnd(20),
    row.decision.padEnd(18),
    row.result ?? '',
    row.upstreamStatus === null ? '' : String(row.upstreamStatus),
  ]);
  return lines.map((line) => line.join(' ').trimEnd()).join('\n');
}
