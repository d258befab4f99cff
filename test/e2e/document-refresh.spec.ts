import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DocumentServer } from '../tools/document-server.js';
import { documentInForce, listTools, refreshNow, storedDocuments } from '../tools/gateway-documents.js';
import { itemsDocument, startGateway, type Settings, type TestGateway } from '../tools/gateway.js';
import { runCommand } from '../../src/cli/command-line.js';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-refresh-'));
let gateway: TestGateway;
let documents: DocumentServer;

const withOperation = (path: string, operationId: string, description = 'New.') =>
  JSON.stringify({ ...itemsDocument, paths: { ...itemsDocument.paths, [path]: { get: { operationId, description, responses: {} } } } });

beforeAll(async () => {
  documents = await DocumentServer.start(itemsDocument);
  gateway = await startGateway({
    tenants: ['acme'],
    change: (settings) => {
      // The list of the large document is looked at whole.
      settings['tools'] = { searchAbove: false };
      const [api] = settings['apis'] as Record<string, unknown>[];
      Object.assign(api!, { openapi: documents.url, refresh: '1h' });
      (settings['egress'] as { allow: string[] }).allow.push(documents.host);
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await documents.stop();
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  documents.failure = undefined;
  jest.restoreAllMocks();
});

const names = async () => (await listTools(gateway)).map(({ name }) => name);

describe('a document at an address', () => {
  it('is asked for only when it is due, and conditionally', async () => {
    documents.answered.length = 0;
    await refreshNow(gateway);
    await refreshNow(gateway);
    expect(documents.answered).toEqual([304, 304]);
    const { DocumentRefresher } = await import('../../src/catalog/document.refresher.js');
    await gateway.app.get(DocumentRefresher, { strict: false }).refreshDue();
    expect(documents.answered).toHaveLength(2);
  });

  it('is read by one replica at a time', async () => {
    documents.answered.length = 0;
    const { DocumentRefresher } = await import('../../src/catalog/document.refresher.js');
    const { LiveConfiguration } = await import('../../src/config/live-configuration.js');
    const { RevisionStore } = await import('../../src/database/revision.store.js');
    const { TenantDatabase } = await import('../../src/tenancy/tenant.database.js');
    const { SourceWatch } = await import('../../src/catalog/source.watch.js');
    const { TenantRegistry } = await import('../../src/tenancy/tenant.registry.js');
    const replicas = Array.from({ length: 4 }, () => new DocumentRefresher(gateway.app.get(LiveConfiguration), new SourceWatch(gateway.app.get(LiveConfiguration), gateway.app.get(TenantRegistry), gateway.app.get(TenantDatabase), gateway.app.get(RevisionStore))));
    const tenant = gateway.app.get(TenantRegistry).find('acme')!;
    await gateway.app.get(TenantDatabase).withTenant(tenant, (manager) => manager.query(`UPDATE api_sources SET checked_at = now() - interval '1 day'`));
    await Promise.all(replicas.map((replica) => replica.refreshDue()));
    await Promise.all(replicas.map((replica) => replica.onApplicationShutdown()));
    expect(documents.answered).toEqual([304]);
  });

  it('is taken over when it only adds operations, by every replica through the revision', async () => {
    documents.document = withOperation('/news', 'listNews');
    await refreshNow(gateway);
    expect(await names()).toContain('items_listNews');
  });

  it.each<[string, DocumentServer['failure']]>([
    ['is down', { status: 503, body: '' }],
    ['answers with a page', { status: 200, body: '<!doctype html><html><body>Sign in</body></html>' }],
    ['redirects', { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } }],
    ['is broken', { status: 200, body: '{"openapi": "3.1.0", "paths": ' }],
  ])('that %s changes nothing', async (_, failure) => {
    const before = await names();
    const inForce = documentInForce(gateway);
    documents.failure = failure;
    await refreshNow(gateway);
    expect(await names()).toEqual(before);
    expect(documentInForce(gateway)).toBe(inForce);
  });
});

describe('a stored document', () => {
  it.each(["UPDATE api_revisions SET document = ''", "UPDATE api_revisions SET externals = '{}'", "UPDATE api_revisions SET hash = 'x'", 'DELETE FROM api_revisions'])('is never changed: %s', async (statement) => {
    const { TenantDatabase } = await import('../../src/tenancy/tenant.database.js');
    const { TenantRegistry } = await import('../../src/tenancy/tenant.registry.js');
    const tenant = gateway.app.get(TenantRegistry).find('acme')!;
    await expect(gateway.app.get(TenantDatabase).withTenant(tenant, (manager) => manager.query(statement))).rejects.toThrow('permission denied');
  });
});

describe('gatehouse revisions, approve and reject', () => {
  let printed: string[];

  /** The command line on the database of the running gateway. */
  async function run(...args: string[]): Promise<[code: number, text: string]> {
    printed = [];
    for (const stream of ['log', 'error'] as const) jest.spyOn(console, stream).mockImplementation((...line: unknown[]) => void printed.push(line.join(' ')));
    const config = join(folder, 'gatehouse.yaml');
    const settings: Settings = {
      publicUrls: ['http://localhost:3232'],
      database: { url: 'env:DATABASE_URL' },
      providers: { corp: { preset: 'oidc', issuer: gateway.issuer.url } },
      tenants: { acme: { rules: [{ provider: 'corp' }] } },
    };
    writeFileSync(config, JSON.stringify(settings));
    const code = await runCommand([args[0]!, '--config', config, ...args.slice(1)], { DATABASE_URL: gateway.urls.url.reveal() });
    jest.restoreAllMocks();
    return [code, printed.join('\n')];
  }

  it('show what waits, put it in force, or keep it out', async () => {
    const [approved] = await storedDocuments(gateway).list('items');
    documents.document = withOperation('/news', 'listNews', 'Changed.');
    await refreshNow(gateway);
    const [code, list] = await run('revisions', 'acme/items');
    expect(code).toBe(0);
    expect(list).toMatch(/waiting +1 description/);
    expect(list).toMatch(/in force/);
    expect(list).toContain('GET /news');
    const { documents: stored } = JSON.parse((await run('revisions', 'acme/items', '--json'))[1]) as { documents: unknown[] };
    expect(stored[0]).toMatchObject({ state: 'waiting', report: expect.arrayContaining([expect.objectContaining({ key: 'GET /news', status: 'ok' })]) });
    expect((await run('reject', 'acme/items'))[0]).toBe(0);
    await refreshNow(gateway);
    expect((await run('approve', 'acme/items'))[1]).toContain('has no document that waits for approval');

    documents.document = withOperation('/news', 'listNews', 'Changed again.');
    await refreshNow(gateway);
    expect(await run('approve', 'acme/items')).toEqual([0, expect.stringMatching(/^document [0-9a-f]{12} of acme\/items is in force$/)]);
    expect((await listTools(gateway)).find(({ name }) => name === 'items_listNews')?.description).toBe('Changed again.');

    expect((await run('approve', 'acme/items', approved!.hash.slice(0, 16)))[0]).toBe(0);
    expect((await listTools(gateway)).find(({ name }) => name === 'items_listNews')?.description).toBe('New.');
  });

  it.each([
    [['revisions', 'acme/nothing'], 1, 'acme/nothing is no API or server of the applied configuration; it has acme/items'],
    [['approve', 'acme/nothing'], 1, 'acme/nothing is no API'],
    [['approve'], 2, 'name the API as TENANT/API'],
    [['approve', 'acme/items', '0000'], 1, 'has no document, or more than one, whose hash begins with 0000'],
    [['revisions', 'a', 'b'], 2, '"b" is one argument too many'],
  ])('%j says what is wrong', async (args, code, message) => {
    expect(await run(...args)).toEqual([code, expect.stringContaining(message)]);
  });
});

describe('R10: a tool that a new document no longer has', () => {
  it('leaves the list, and a client that still calls it gets a clear error', async () => {
    const token = await gateway.token();
    await gateway.apply((settings) => {
      const [api] = settings['apis'] as Record<string, unknown>[];
      api!['approval'] = 'auto';
    });
    documents.document = withOperation('/gone', 'gone');
    await refreshNow(gateway);
    expect(await names()).toContain('items_gone');
    documents.document = JSON.stringify(itemsDocument);
    await refreshNow(gateway);
    expect(await names()).not.toContain('items_gone');
    expect((await gateway.call(token, 'items_gone')).error).toEqual({ code: -32602, message: 'there is no such tool' });
  });
});

describe('a large document', () => {
  it('is compared in a thread of its own, with the same outcome', async () => {
    await gateway.apply((settings) => {
      const [api] = settings['apis'] as Record<string, unknown>[];
      api!['approval'] = 'breaking';
    });
    const large = (description: string): string => {
      const many = Array.from({ length: 300 }, (_, n) => [`/many/${n}`, { get: { operationId: `many${n}`, description: description.repeat(50), responses: {} } }] as const);
      return JSON.stringify({ ...itemsDocument, paths: { ...itemsDocument.paths, ...Object.fromEntries(many) } });
    };
    documents.document = large('before');
    await refreshNow(gateway);
    expect(await names()).toContain('items_many299');
    const inForce = documentInForce(gateway);
    documents.document = large('after');
    await refreshNow(gateway);
    expect(documentInForce(gateway)).toBe(inForce);
    const [waiting] = await storedDocuments(gateway).list('items');
    expect(waiting?.state).toBe('waiting');
    expect(waiting?.changes).toHaveLength(300);
  });
});
