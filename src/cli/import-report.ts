import { countChanges } from '../catalog/approval.js';
import type { AppliedDocument } from '../catalog/documents.apply.js';
import type { PreparedDocument } from '../catalog/prepare-documents.js';

/** What an API owner wants to know after an import: how many tools, and which operations are not as the document has them. */
export function describeImports(documents: readonly PreparedDocument[]): string {
  return documents.flatMap(describeImport).join('\n');
}

/** The same after an apply, with what was decided about each document. */
export function describeApplied(documents: readonly AppliedDocument[]): string {
  return documents.flatMap((document) => [...describeImport(document), ...describeOutcome(document)]).join('\n');
}

function describeImport({ api, tools, report, notes }: PreparedDocument): string[] {
  const skipped = report.filter(({ status }) => status === 'skipped');
  const degraded = report.filter(({ status }) => status === 'degraded');
  const remarks = [degraded.length > 0 ? `${degraded.length} with repairs` : '', skipped.length > 0 ? `${skipped.length} operations skipped` : ''].filter(Boolean);
  const head = `api ${api.tenant}/${api.name}: ${tools} tools${remarks.length > 0 ? ` (${remarks.join(', ')})` : ''}`;
  return [head, ...notes.map(({ message }) => `  ${message}`), ...skipped.map((item) => `  skipped ${item.key}: ${item.reason}`)];
}

function describeOutcome({ api, hash, outcome, changes }: AppliedDocument): string[] {
  const name = `${api.tenant}/${api.name}`;
  const changed = changes.length === 0 ? '' : ` (${countChanges(changes)})`;
  if (outcome === 'waiting') return [`  the new document ${hash.slice(0, 12)} waits for approval${changed}; the one before it serves on`, `  gatehouse approve --config FILE ${name} ${hash.slice(0, 12)}`];
  if (outcome === 'rejected') return [`  document ${hash.slice(0, 12)} was rejected earlier; the one before it serves on`];
  return outcome === 'adopted' && changed !== '' ? [`  the new document ${hash.slice(0, 12)} is in force${changed}`] : [];
}
