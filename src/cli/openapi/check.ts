import { describeOperations, DocumentError, indexOperations, type ApiDocument, type OperationReport, type Repair } from '@gatehouse-mcp/openapi-tools';
import { openDocument, type DocumentSource } from './document.source.js';
import type { OpenapiInput } from './openapi.command.js';

/** What became of one document; as JSON, the report itself. */
interface DocumentReport {
  readonly source: string;
  readonly error?: string;
  readonly openapi?: string;
  readonly title?: string;
  readonly tools: number;
  readonly degraded: number;
  readonly skipped: number;
  /** What is to say of the document as a whole, such as an overlay's action that changed nothing. */
  readonly notes: readonly Repair[];
  readonly operations: readonly OperationReport[];
}

/** Long enough to wonder whether anything happens. */
const PROGRESS_AFTER_MS = 2_000;

/** Prints the import report of each document. Fails only for a document that cannot be read at all; the others are still reported. */
export async function checkDocuments({ sources, isJson }: OpenapiInput): Promise<number> {
  const reports: DocumentReport[] = [];
  let spoken = performance.now();
  for (const [index, source] of sources.entries()) {
    if (performance.now() - spoken > PROGRESS_AFTER_MS) {
      spoken = performance.now();
      console.error(`${index} of ${sources.length} documents read, now ${source.name}`);
    }
    const report = await reportOn(source);
    if (!isJson) console.log(describeReport(report));
    reports.push(report);
  }
  if (isJson) console.log(JSON.stringify({ documents: reports }, null, 2));
  else if (sources.length > 1) console.log(describeAll(reports));
  return reports.some(({ error }) => error !== undefined) ? 1 : 0;
}

async function reportOn(source: DocumentSource): Promise<DocumentReport> {
  try {
    return describeDocument(source.name, await openDocument(source));
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return { source: source.name, error: error.message, tools: 0, degraded: 0, skipped: 0, notes: [], operations: [] };
  }
}

function describeDocument(source: string, document: ApiDocument): DocumentReport {
  const operations = describeOperations(document, indexOperations(document));
  const skipped = operations.filter(({ status }) => status === 'skipped').length;
  return {
    source,
    openapi: document.openapi,
    title: document.title,
    tools: operations.length - skipped,
    degraded: operations.filter(({ status }) => status === 'degraded').length,
    skipped,
    notes: document.notes,
    operations,
  };
}

function describeReport({ source, error, openapi, title, tools, degraded, skipped, notes, operations }: DocumentReport): string {
  if (error !== undefined) return `${error}\n`;
  const width = Math.min(60, Math.max(9, ...operations.map(({ key }) => key.length)));
  const rows = operations.flatMap(({ status, key, name, reason, repairs }) => [
    `  ${status.padEnd(8)}  ${key.padEnd(width)}  ${name ?? ''}`.trimEnd(),
    ...(reason === undefined ? [] : [`            ${reason}`]),
    ...repairs.map(({ code, at, message }) => `            ${code} at ${at === '' ? '#' : at}: ${message}`),
  ]);
  const head = `${source}: ${title} (OpenAPI ${openapi}), ${tools} tools: ${tools - degraded} ok, ${degraded} degraded; ${skipped} skipped`;
  return [head, ...notes.map(({ code, message }) => `  ${code}: ${message}`), ...rows, ''].join('\n');
}

function describeAll(reports: readonly DocumentReport[]): string {
  const sum = (of: (report: DocumentReport) => number) => reports.reduce((total, report) => total + of(report), 0);
  const unread = reports.filter(({ error }) => error !== undefined).length;
  const rest = unread === 0 ? '' : `, ${unread} could not be read`;
  return `${reports.length} documents${rest}: ${sum(({ tools }) => tools)} tools (${sum(({ degraded }) => degraded)} degraded), ${sum(({ skipped }) => skipped)} operations skipped`;
}
