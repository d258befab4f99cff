import type { OperationChange } from '@gatehouse-mcp/openapi-tools';
import type { ApiSettings } from '../config/configuration.schema.js';
import { hashSource, type ApiSource } from './api.source.js';
import { compareDocuments } from './comparison.thread.js';
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
  readonly settings: ApiSettings;
  readonly overlays: readonly string[];
  readonly source: ApiSource;
  /** Hash of the document in force; undefined for an API's first. */
  readonly inForce: string | undefined;
  /** Ends a comparison that takes long. */
  readonly signal?: AbortSignal;
}

/**
 * Decides about a document and stores it with the decision; what is in force is for the caller to change. The first document of
 * an API needs no approval: who names it in the configuration has approved it.
 */
export async function importDocument(documents: StoredDocuments, { settings, overlays, source, inForce, signal }: ImportInput): Promise<ImportOutcome> {
  const read = hashSource(source);
  const known = await documents.find(settings.name, read);
  if (inForce === read && known) return { kind: 'same', inForce: read, read, changes: [] };
  if (inForce !== undefined && known?.state === 'rejected') return { kind: 'rejected', inForce, read, changes: known.changes };
  const before = inForce === undefined ? {} : { before: await documents.read(settings.name, inForce) };
  const { report, changes, mustWait } = await compareDocuments({ settings, overlays, after: source, ...before }, signal);
  // One that an operator approved earlier stays approved, whatever it would be compared with today.
  const waits = mustWait && known?.state !== 'approved' && inForce !== undefined;
  await documents.store({ api: settings.name, hash: read, source, state: waits ? 'waiting' : 'approved', changes, report });
  return waits ? { kind: 'waiting', inForce, read, changes } : { kind: 'adopted', inForce: read, read, changes };
}
