import type { OperationChange } from '@gatehouse-mcp/openapi-tools';
import { hashSource, type ApiSource } from './api.source.js';
import type { Comparison } from './comparison.js';
import type { StoredDocuments } from './stored-documents.js';

/** What became of a document that was read: it is in force now, was before, or waits for (or was refused by) an operator. */
export interface ImportOutcome {
  readonly kind: 'same' | 'adopted' | 'waiting' | 'rejected';
  /** Hash of the document to put in force. */
  readonly inForce: string;
  readonly read: string;
  readonly changes: readonly OperationChange[];
}

export interface ImportInput {
  /** Name of the API or server. */
  readonly name: string;
  readonly source: ApiSource;
  /** Hash of what is in force; undefined for the first. */
  readonly inForce: string | undefined;
  /** Compares what was read with what is in force, if there is anything. */
  readonly compare: (before: ApiSource | undefined) => Comparison | Promise<Comparison>;
}

/**
 * Decides about a document, or the definitions of a server, and stores it with the decision; what is in force is for the caller to
 * change. The first one needs no approval: who names it in the configuration has approved it.
 */
export async function importDocument(documents: StoredDocuments, { name, source, inForce, compare }: ImportInput): Promise<ImportOutcome> {
  const read = hashSource(source);
  const known = await documents.find(name, read);
  if (inForce === read && known) return { kind: 'same', inForce: read, read, changes: [] };
  if (inForce !== undefined && known?.state === 'rejected') return { kind: 'rejected', inForce, read, changes: known.changes };
  const { report, changes, mustWait } = await compare(inForce === undefined ? undefined : await documents.read(name, inForce));
  // One that an operator approved earlier stays approved, whatever it would be compared with today.
  const waits = mustWait && known?.state !== 'approved' && inForce !== undefined;
  await documents.store({ api: name, hash: read, source, state: waits ? 'waiting' : 'approved', changes, report });
  return waits ? { kind: 'waiting', inForce, read, changes } : { kind: 'adopted', inForce: read, read, changes };
}
