import { Catalogs } from '../../src/catalog/catalogs.js';
import { DocumentRefresher } from '../../src/catalog/document.refresher.js';
import { StoredDocuments } from '../../src/catalog/stored-documents.js';
import { LiveConfiguration } from '../../src/config/live-configuration.js';
import type { Tenant } from '../../src/context/tenant.js';
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
  await gateway.app.get(Catalogs, { strict: false }).newestOf(acmeOf(gateway));
  const response = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token: await gateway.token() });
  return ((await response.json()) as { result: { tools: ListedTool[] } }).result.tools;
}

/** The stored documents of acme's API `items`, newest first. */
export function storedDocuments(gateway: TestGateway): StoredDocuments {
  return new StoredDocuments(gateway.app.get(TenantDatabase), acmeOf(gateway));
}

/** Makes acme's API due and looks at its address, as the timer would. */
export async function refreshNow(gateway: TestGateway): Promise<void> {
  const refresher = gateway.app.get(DocumentRefresher, { strict: false });
  // The timer's own pass may be under way, and past it.
  await refresher.refreshDue();
  await gateway.app.get(TenantDatabase).withTenant(acmeOf(gateway), (manager) => manager.query(`UPDATE api_sources SET checked_at = now() - interval '1 day'`));
  await refresher.refreshDue();
  // What it adopted is a new revision.
  await gateway.app.get(ChangeFeed).refresh();
}

export function documentInForce(gateway: TestGateway): string | undefined {
  return gateway.app.get(LiveConfiguration).current.documents['acme/items'];
}

function acmeOf(gateway: TestGateway): Tenant {
  const tenant = gateway.app.get(TenantRegistry).find('acme');
  if (!tenant) throw new Error('the test gateway has no tenant acme');
  return tenant;
}
