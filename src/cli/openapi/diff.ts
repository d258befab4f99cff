import { clientProfiles, compileOperation, diffOperations, indexOperations, type OperationChange } from '@gatehouse-mcp/openapi-tools';
import { openDocument, type DocumentSource } from './document.source.js';
import type { OpenapiInput } from './openapi.command.js';

/** Prints what the new document changes for callers and models. */
export async function diffDocuments({ sources, isJson }: OpenapiInput): Promise<number> {
  const [before, after] = await Promise.all(sources.map(compileAll));
  const changes = diffOperations(before ?? [], after ?? []);
  if (isJson) console.log(JSON.stringify({ changes }, null, 2));
  else console.log(describeChanges(changes));
  return 0;
}

async function compileAll(source: DocumentSource) {
  const document = await openDocument(source);
  return indexOperations(document).operations.map((operation) => compileOperation(document, operation, { profile: clientProfiles.full }));
}

/** A line for each change, its details below it, and the count of each kind. */
export function describeChanges(changes: readonly OperationChange[]): string {
  if (changes.length === 0) return 'no changes';
  const rows = changes.flatMap(({ kind, operation, tool, details }) => [`${kind.padEnd(11)}  ${operation}  ${tool}`, ...details.map((detail) => `             ${detail}`)]);
  const kinds = [...new Set(changes.map(({ kind }) => kind))].map((kind) => `${changes.filter((change) => change.kind === kind).length} ${kind}`);
  return [...rows, kinds.join(', ')].join('\n');
}
