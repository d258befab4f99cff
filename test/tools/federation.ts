import { Catalogs } from '../../src/catalog/catalogs.js';
import { StoredDocuments } from '../../src/catalog/stored-documents.js';
import { ChangeFeed } from '../../src/database/change-feed.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { ServerRefresher } from '../../src/upstream/mcp/server.refresher.js';
import { startGateway, type Settings, type TestGateway, type TestGatewayOptions } from './gateway.js';
import type { ListedTool } from './gateway-documents.js';

/** Settings of a server that gets an exchanged token for its own audience. */
export const serverSettings = (name: string, url: string, more: Settings = {}): Settings => ({
  name,
  tenant: 'acme',
  url,
  credentials: [{ type: 'token-exchange', provider: 'corp', clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET', audience: `${name}-server` }],
  ...more,
});

/** A gateway of acme with these servers, whose definitions it has read. */
export async function startFederation(servers: Readonly<Record<string, { readonly url: string; readonly host: string }>>, more: Settings = {}, { change, ...options }: TestGatewayOptions = {}): Promise<TestGateway> {
  const gateway = await startGateway({
    tenants: ['acme'],
    ...options,
    change: (settings) => {
      settings['servers'] = Object.entries(servers).map(([name, { url }]) => serverSettings(name, url, more));
      (settings['egress'] as { allow: string[] }).allow.push(...Object.values(servers).map(({ host }) => host));
      change?.(settings);
    },
  });
  await readServers(gateway);
  return gateway;
}

const acmeOf = (gateway: TestGateway) => gateway.app.get(TenantRegistry).find('acme')!;

/** Waits until every server that is due has been read, and what was adopted is in force. */
export async function readServers(gateway: TestGateway): Promise<void> {
  const refresher = gateway.app.get(ServerRefresher, { strict: false });
  // The pass of the start may be under way, and past a server.
  await refresher.refreshDue();
  await refresher.refreshDue();
  await gateway.app.get(ChangeFeed).refresh();
  await gateway.app.get(Catalogs, { strict: false }).newestOf(acmeOf(gateway));
}

/** The same with every server due. */
export async function readServersAgain(gateway: TestGateway): Promise<void> {
  await gateway.app.get(ServerRefresher, { strict: false }).refreshDue();
  await gateway.app.get(TenantDatabase).withTenant(acmeOf(gateway), (manager) => manager.query(`UPDATE api_sources SET checked_at = NULL`));
  await readServers(gateway);
}

/** What is stored of a server's definitions, newest first. */
export const storedDefinitions = (gateway: TestGateway, name: string) => new StoredDocuments(gateway.app.get(TenantDatabase), acmeOf(gateway)).list(name);

export async function toolsOf(gateway: TestGateway, claims = {}): Promise<readonly ListedTool[]> {
  const response = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token: await gateway.token(claims) });
  return ((await response.json()) as { result: { tools: ListedTool[] } }).result.tools;
}

export const namesOf = async (gateway: TestGateway, claims = {}): Promise<readonly string[]> => (await toolsOf(gateway, claims)).map(({ name }) => name);

/** What a tool says to a user: the text of its result. */
export async function textOf(gateway: TestGateway, tool: string, args: unknown, claims = {}): Promise<string> {
  const { result, error } = await gateway.call(await gateway.token(claims), tool, args);
  return result?.content?.map(({ text }) => text).join('') ?? error?.message ?? '';
}
