import type { DatabaseUrls } from '../database/database-urls.js';
import { openDataSource } from '../database/database.module.js';
import { TenantDatabase } from '../tenancy/tenant.database.js';
import { TenantEntity } from '../tenancy/tenant.entity.js';
import { documentKey } from './document.key.js';
import type { PreparedDocument } from './prepare-documents.js';

/** Stores each document as a revision of its tenant's API; one that is there already is left as it is. */
export async function storeDocuments(urls: DatabaseUrls, documents: readonly PreparedDocument[]): Promise<void> {
  if (documents.length === 0) return;
  const source = await openDataSource(urls, [TenantEntity], { max: 1 });
  try {
    const tenants = new Map((await source.getRepository(TenantEntity).find()).map((tenant) => [tenant.name, tenant]));
    const database = new TenantDatabase(source);
    for (const { api, bytes, hash } of documents) {
      const tenant = tenants.get(api.tenant);
      if (!tenant) throw new Error(`tenant ${api.tenant} is not registered`);
      await database.withTenant(tenant, (manager) =>
        manager.query('INSERT INTO api_revisions (tenant_id, api, hash, document) VALUES ($1, $2, $3, $4) ON CONFLICT (api, hash) DO NOTHING', [
          tenant.id,
          api.name,
          hash,
          bytes,
        ]),
      );
    }
  } finally {
    await source.destroy();
  }
}

/** The `documents` of a revision: which document each API has. */
export function documentHashes(documents: readonly PreparedDocument[]): Record<string, string> {
  return Object.fromEntries(documents.map(({ api, hash }) => [documentKey(api), hash]));
}
