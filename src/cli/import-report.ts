import type { PreparedDocument } from '../catalog/prepare-documents.js';

/** What an API owner wants to know after an import: how many tools, and which operations are not as the document has them. */
export function describeImports(documents: readonly PreparedDocument[]): string {
  return documents.flatMap(describeImport).join('\n');
}

function describeImport({ api, tools, report }: PreparedDocument): string[] {
  const skipped = report.filter(({ status }) => status === 'skipped');
  const degraded = report.filter(({ status }) => status === 'degraded');
  const notes = [degraded.length > 0 ? `${degraded.length} with repairs` : '', skipped.length > 0 ? `${skipped.length} operations skipped` : ''].filter(Boolean);
  const head = `api ${api.tenant}/${api.name}: ${tools} tools${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
  return [head, ...skipped.map((item) => `  skipped ${item.key}: ${item.reason}`)];
}
