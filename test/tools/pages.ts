import { FakeAccountServer } from '@gatehouse-mcp/testing';
import { getStorageToken, type ThrottlerStorage } from '@nestjs/throttler';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { TestBrowser, type ShownPage } from './browser.js';
import { startGateway, type Settings, type TestGateway } from './gateway.js';
import { VAULT_KEY } from './vault.js';

export const PAGES_SECRET = 'secret-of-the-pages-client';
/** What a person can be called. */
export const HOSTILE_NAME = '"><script>alert(1)</script>';

export interface TestPages {
  readonly gateway: TestGateway;
  /** The server of `tracker`. */
  readonly accounts: FakeAccountServer;
  /** A fresh browser whose reader is signed in at the provider as this person. */
  signIn(person?: Readonly<Record<string, unknown>>): Promise<{ readonly browser: TestBrowser; readonly page: ShownPage }>;
  browser(): TestBrowser;
  /** Every browser of a test has the one address. */
  ignoreAddress(): void;
  /** Records about the pages in a tenant's trail, the oldest first. */
  audit(tenant?: string): Promise<readonly object[]>;
  stop(): Promise<void>;
}

/** A gateway with pages: each tenant has an account `tracker` and a key `weather` to connect, both used by an API. */
export async function startPages(change?: (settings: Settings) => void): Promise<TestPages> {
  const accounts = await FakeAccountServer.start();
  const gateway = await startGateway({
    secrets: { VAULT_KEY, PAGES_SECRET },
    change: (settings) => {
      addPages(settings, accounts);
      change?.(settings);
    },
  });
  const { issuer, app, url } = gateway;
  issuer.signIn.clients.set('pages', { id: 'pages', secret: PAGES_SECRET, redirectUris: [`${url}/connections/signed-in`] });
  return {
    gateway,
    accounts,
    browser: () => new TestBrowser(url),
    signIn: async (person = {}) => {
      issuer.signIn.person = { sub: 'alice', name: 'Alice', tenant: 'acme', ...person };
      const browser = new TestBrowser(url);
      return { browser, page: await browser.open('/connections') };
    },
    ignoreAddress: () => {
      const storage = app.get<ThrottlerStorage>(getStorageToken(), { strict: false });
      const increment = storage.increment.bind(storage);
      storage.increment = (key, ttl, limit, ...rest) => increment(key, ttl, key === 'pages 127.0.0.1' ? 1_000_000 : limit, ...rest);
    },
    audit: async (tenant = 'acme') => {
      const rows = await readAudit(app.get(TenantDatabase), app.get(TenantRegistry).find(tenant)!, { limit: 1_000 });
      return rows.filter(({ tool }) => tool.startsWith('connections')).toReversed();
    },
    stop: async () => {
      await gateway.stop();
      await accounts.stop();
    },
  };
}

function addPages(settings: Settings, accounts: FakeAccountServer): void {
  const apis = settings['apis'] as (Record<string, unknown> & { tenant: string })[];
  Object.assign((settings['providers'] as Record<string, object>)['corp']!, { browser: { clientId: 'pages', clientSecret: 'env:PAGES_SECRET' } });
  settings['vault'] = { keys: ['env:VAULT_KEY'] };
  settings['connections'] = apis.flatMap(({ tenant }) => [
    { name: 'tracker', tenant, type: 'oauth', title: 'Issue tracker', issuer: accounts.url, clientId: 'gatehouse', clientSecret: 'env:PAGES_SECRET', scopes: ['items:read', 'items:write'] },
    { name: 'weather', tenant, type: 'secret', title: 'Weather & "wind"', help: 'You find it at https://weather.example/keys.' },
  ]);
  (settings['egress'] as { allow: string[] }).allow.push(accounts.host);
  settings['apis'] = apis.flatMap((api) => [
    api,
    { ...api, name: 'issues', credentials: [{ type: 'vault', when: 'user', connection: 'tracker' }] },
    { ...api, name: 'weather', credentials: [{ type: 'user-secret', when: 'user', connection: 'weather', in: 'header', name: 'X-Key' }] },
  ]);
}
