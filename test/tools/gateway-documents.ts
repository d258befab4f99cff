import { DocumentRefresher } from '../../src/catalog/document.refresher.js';
import { StoredDocuments } from '../../src/catalog/stored-documents.js';
import { LiveConfiguration } from '../../src/config/live-configuration.js';
import { ChangeFeed } from '../../src/database/change-feed.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import type { TestGateway } from './gateway.js';

/** A tool as tools/list shows it. */
export interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: { readonly properties: Record<string, unknown> };
}

/** What tools/list shows to a user of the tenant `acme`, once the newest revision has been taken over. */
export async function listTools(gateway: TestGateway): Promise<readonly ListedTool[]> {
  await gateway.app.get(ChangeFeed).refresh();
  const token = await gateway.token();
  const list = async () => {
    const response = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token });
    return ((await response.json()) as { result: { tools: ListedTool[] } }).result.tools;
  };
  // The first list after a revision may still be the one before it, while the new catalog loads.
  await list();
  await new Promise((done) => setTimeout(done, 100));
  return list();
}

/** The stored documents of acme's API `items`, newest first. */
export function storedDocuments(gateway: TestGateway): StoredDocuments {
  const tenant = gateway.app.get(TenantRegistry).find('acme');
  if (!tenant) throw new Error('the test gateway has no tenant acme');
  return new StoredDocuments(gateway.app.get(TenantDatabase), tenant);
}

/** Makes acme's API due and looks at its address, as the timer would. */
export async function refreshNow(gateway: TestGateway): Promise<void> {
  const tenant = gateway.app.get(TenantRegistry).find('acme');
  if (!tenant) throw new Error('the test gateway has no tenant acme');
  await gateway.app.get(TenantDatabase).withTenant(tenant, (manager) => manager.query(`UPDATE api_sources SET checked_at = now() - interval '1 day'`));
  await gateway.app.get(DocumentRefresher, { strict: false }).refreshDue();
}

export function documentInForce(gateway: TestGateway): string | undefined {
  return gateway.app.get(LiveConfiguration).current.documents['acme/items'];
}
