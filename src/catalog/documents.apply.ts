import type { OperationChange } from '@gatehouse-mcp/openapi-tools';
import type { ServerSettings } from '../config/server.schema.js';
import type { DatabaseUrls } from '../database/database-urls.js';
import { openDataSource } from '../database/database.module.js';
import { loadNewestRevision } from '../database/revisions.apply.js';
import { TenantDatabase } from '../tenancy/tenant.database.js';
import { TenantEntity } from '../tenancy/tenant.entity.js';
import type { ApiSource } from './api.source.js';
import { documentKey } from './document.key.js';
import { importDocument, type ImportOutcome } from './document.import.js';
import { compareDocuments } from './comparison.thread.js';
import type { PreparedDocument } from './prepare-documents.js';
import { StoredDocuments } from './stored-documents.js';
import { recordServer, recordSource } from './source.lease.js';

/** What an apply decided about one document. */
export interface AppliedDocument extends PreparedDocument {
  readonly outcome: ImportOutcome['kind'];
  readonly inForce: string;
  readonly changes: readonly OperationChange[];
}

/** What an apply decided, and what stays in force of servers, whose definitions running replicas read. */
export interface AppliedSources {
  readonly documents: readonly AppliedDocument[];
  /** Hashes by the key of each server that has definitions in force. */
  readonly servers: Readonly<Record<string, string>>;
}

/** Stores each document with the decision about it, and notes each server. What is in force changes only with the revision that the caller stores then. */
export async function importDocuments(urls: DatabaseUrls, prepared: readonly PreparedDocument[], servers: readonly ServerSettings[]): Promise<AppliedSources> {
  if (prepared.length === 0 && servers.length === 0) return { documents: [], servers: {} };
  const source = await openDataSource(urls, [TenantEntity], { max: 1 });
  try {
    const tenants = new Map((await source.getRepository(TenantEntity).find()).map((tenant) => [tenant.name, tenant]));
    const inForce = documentsOf((await loadNewestRevision(source))?.content);
    const database = new TenantDatabase(source);
    const applied: AppliedDocument[] = [];
    for (const document of prepared) {
      const { api, overlays, source: read } = document;
      const tenant = tenants.get(api.tenant);
      if (!tenant) throw new Error(`tenant ${api.tenant} is not registered`);
      const compare = (before: ApiSource | undefined) => compareDocuments({ settings: api, overlays, after: read, ...(before === undefined ? {} : { before }) });
      const outcome = await importDocument(new StoredDocuments(database, tenant), { name: api.name, source: read, inForce: inForce[documentKey(api)], compare });
      await recordSource(database, tenant, api, document.validators);
      applied.push({ ...document, outcome: outcome.kind, inForce: outcome.inForce, changes: outcome.changes });
    }
    for (const server of servers) {
      const tenant = tenants.get(server.tenant);
      if (tenant?.state === 'active') await recordServer(database, tenant, server);
    }
    const kept = servers.map(documentKey).flatMap((key) => (inForce[key] === undefined ? [] : [[key, inForce[key]] as const]));
    return { documents: applied, servers: Object.fromEntries(kept) };
  } finally {
    await source.destroy();
  }
}

/** A revision's `documents`, which any earlier version of Gatehouse wrote in the same shape. */
function documentsOf(content: unknown): Readonly<Record<string, string>> {
  if (typeof content !== 'object' || content === null || !('documents' in content)) return {};
  const { documents } = content;
  if (typeof documents !== 'object' || documents === null) return {};
  return Object.fromEntries(Object.entries(documents).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** The `documents` of a revision: which document each API has in force. */
export function documentHashes(documents: readonly AppliedDocument[]): Record<string, string> {
  return Object.fromEntries(documents.map(({ api, inForce }) => [documentKey(api), inForce]));
}

/** The `overlays` of a revision. */
export function overlayTexts(documents: readonly AppliedDocument[]): Record<string, string[]> {
  return Object.fromEntries(documents.filter(({ overlays }) => overlays.length > 0).map(({ api, overlays }) => [documentKey(api), [...overlays]]));
}
