import { randomBytes } from 'node:crypto';
import { FakeAccountServer, type AccountServerHabits } from '@gatehouse-mcp/testing';
import type { Caller } from '../../src/context/caller.js';
import type { Tenant } from '../../src/context/tenant.js';
import { Connections } from '../../src/credentials/vault/connections.js';
import type { Visitor } from '../../src/credentials/vault/visitor.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { testCaller } from './caller.js';
import { startGateway, type JsonRpcMessage, type Settings, type TestGateway, type TestGatewayOptions } from './gateway.js';

/** A gateway whose API `items` takes the account that its users connected elsewhere. */
export interface TestVault {
  readonly gateway: TestGateway;
  readonly accounts: FakeAccountServer;
  /** Somebody at the page of a replica. */
  visitor(subject: string, tenant?: string): Visitor;
  /** Consents in place of a browser. */
  connect(subject: string, options?: { readonly tenant?: string }): Promise<void>;
  stop(): Promise<void>;
}

export const VAULT_KEY = randomBytes(32).toString('hex');

export interface TestVaultOptions extends AccountServerHabits, Pick<TestGatewayOptions, 'connect' | 'secrets'> {
  readonly connection?: Settings;
  readonly change?: (settings: Settings) => void;
}

export async function startVault({ connection = {}, change, connect, secrets, ...habits }: TestVaultOptions = {}): Promise<TestVault> {
  const accounts = await FakeAccountServer.start(habits);
  const gateway = await startGateway({
    secrets: { VAULT_KEY, ...secrets },
    ...(connect ? { connect } : {}),
    change: (settings) => {
      describeVault(settings, accounts, connection);
      change?.(settings);
    },
  });
  // What an API behind the accounts' server does.
  gateway.upstream.answerWith(({ headers }) => (accounts.accepts(String(headers['authorization']).slice('Bearer '.length)) ? {} : { status: 401 }));
  const visitor = (subject: string, tenant = 'acme'): Visitor => visitorOf(gateway, subject, tenant);
  return {
    gateway,
    accounts,
    visitor,
    connect: (subject, { tenant = 'acme' } = {}) => connectAccount(gateway, visitor(subject, tenant)),
    stop: async () => {
      await gateway.stop();
      await accounts.stop();
    },
  };
}

/** Connects `account` for a visitor, as the pages do. */
export async function connectAccount({ app, url }: TestGateway, visitor: Visitor): Promise<void> {
  const connections = app.get(Connections, { strict: false });
  const back = await consent(await connections.begin(visitor, 'account', 'session', url));
  await connections.complete(visitor, 'account', 'session', back.searchParams);
}

/** Follows the one redirect of a server that consents at once. */
export async function consent(url: URL): Promise<URL> {
  const response = await fetch(url, { redirect: 'manual' });
  return new URL(response.headers.get('location') ?? '');
}

/** tools/call at another replica of the gateway. */
export async function callAt(url: string, gateway: TestGateway, subject: string, tool = 'items_getItem'): Promise<JsonRpcMessage> {
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${await gateway.token({ sub: subject })}` },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: { id: '1' } } }),
  });
  return (await response.json()) as JsonRpcMessage;
}

/** Statements in the tenant's own schema, as its role. */
export const queryTenant = (vault: Pick<TestVault, 'gateway' | 'visitor'>, sql: string, parameters: readonly unknown[] = []): Promise<Record<string, unknown>[]> =>
  vault.gateway.app.get(TenantDatabase, { strict: false }).withTenant(vault.visitor('x').tenant, (manager) => manager.query(sql, [...parameters]));

/** Somebody at the page, signed in at `corp`. */
export function visitorOf({ app, issuer }: TestGateway, subject: string, name = 'acme'): Visitor {
  const tenant: Tenant | undefined = app.get(TenantRegistry, { strict: false }).find(name);
  if (!tenant) throw new Error(`no tenant ${name}`);
  const caller: Caller = testCaller({ provider: 'corp', issuer: issuer.url, subject, tenant: name });
  return { requestId: 'r', caller, tenant, address: '127.0.0.1' };
}

/** Both tenants have the same API and the same connection, so that a mix-up would be seen. */
export function describeVault(settings: Settings, accounts: { readonly url: string; readonly host: string }, connection: Settings): void {
  // The settings that describeSettings makes.
  const { providers, apis, egress } = settings as { providers: { corp: Settings }; apis: Settings[]; egress: { allow: string[] } };
  providers.corp['browser'] = { clientId: 'pages' };
  settings['vault'] = { keys: ['env:VAULT_KEY'] };
  settings['connections'] = apis.map((api) => ({
    name: 'account',
    tenant: api['tenant'],
    type: 'oauth',
    title: 'The other service',
    issuer: accounts.url,
    clientId: 'gatehouse-there',
    clientSecret: 'env:GATEHOUSE_SECRET',
    scopes: ['items:read', 'items:write'],
    ...connection,
  }));
  for (const api of apis) api['credentials'] = [{ type: 'vault', when: 'user', connection: 'account' }];
  egress.allow.push(accounts.host);
}
