import { afterEach, describe, expect, it } from '@jest/globals';
import { importApi, type Catalog } from '../catalog/catalog.js';
import { liveSchema, type LiveSettings } from '../config/configuration.schema.js';
import type { Tenant } from '../context/tenant.js';
import { testCaller } from '../../test/tools/caller.js';
import { ToolViews } from './tool-views.js';

const operation = (operationId: string) => ({ get: { operationId, summary: `Does ${operationId}`, responses: {} } });
const document = { openapi: '3.1.0', info: { title: 'T', version: '1' }, paths: { '/a': operation('readA'), '/b': operation('readB'), '/c': operation('writeC') } };

function settingsOf(more: object = {}): LiveSettings {
  return liveSchema.parse({
    providers: { corp: { preset: 'oidc', issuer: 'https://idp.example' } },
    tenants: { acme: {}, globex: {} },
    apis: [{ name: 'api', tenant: 'acme', openapi: 'file:./x', credentials: [{ type: 'none' }] }],
    policy: { roles: { admin: ['api.writeC'], idle: ['api.nothing'] } },
    toolsets: [{ name: 'reading', tenant: 'acme', include: ['api.read*', 'api.writeC'], profile: 'gemini', searchAbove: 0 }],
    ...more,
  });
}

const catalogOf = (settings: LiveSettings): Catalog => ({ resources: [], prompts: [], entries: importApi(settings.apis[0]!, { document: Buffer.from(JSON.stringify(document)), externals: {} }).entries });
const tenantOf = (name: string): Tenant => ({ id: name, name, schema: name, role: name, state: 'active' });

/** The views over a catalog and settings that a test may replace. */
function create() {
  const settings = settingsOf();
  const now = { settings, catalog: catalogOf(settings) };
  const live = { get current() { return { settings: now.settings }; } };
  // Of the configuration and the catalogs, the views read these members.
  const views = new ToolViews(live as never, { of: async () => now.catalog } as never);
  opened.push(views);
  const viewOf = (roles: readonly string[] = [], { toolset, profile, tenant = 'acme' }: { toolset?: string; profile?: string; tenant?: string } = {}) =>
    views.viewOf({ caller: testCaller({ roles: new Set(roles) }), tenant: tenantOf(tenant), toolset }, profile);
  return { now, viewOf };
}

const opened: ToolViews[] = [];
afterEach(() => opened.splice(0).forEach((views) => views.onApplicationShutdown()));

describe('the view of a caller', () => {
  it('is one for all whose roles make no difference, and another for each set of roles, tenant, toolset and profile', async () => {
    const { viewOf } = create();
    const plain = await viewOf();
    expect(await viewOf(['of no policy'])).toBe(plain);
    const others = [await viewOf(['admin']), await viewOf(['idle']), await viewOf(['admin', 'idle']), await viewOf([], { profile: 'gemini' }), await viewOf([], { toolset: 'reading' }), await viewOf([], { tenant: 'globex' })];
    expect(new Set([plain, ...others]).size).toBe(7);
    expect([plain.size, others[0]!.size]).toEqual([2, 3]);
  });

  it('at a toolset is what the caller sees anyway and the set includes', async () => {
    const { viewOf } = create();
    const view = await viewOf([], { toolset: 'reading', profile: 'cursor' });
    expect(['api_readA', 'api_readB', 'api_writeC'].map((name) => view.find(name)?.name)).toEqual(['api_readA', 'api_readB', undefined]);
    expect([view.profile, view.isSearched]).toEqual(['gemini', true]);
    expect((await viewOf(['admin'], { toolset: 'reading' })).size).toBe(3);
  });

  it('at a toolset that is no longer there, or is another tenant\'s, is empty', async () => {
    const { viewOf } = create();
    expect([(await viewOf([], { toolset: 'gone' })).size, (await viewOf([], { toolset: 'reading', tenant: 'globex' })).size]).toEqual([0, 0]);
  });

  it('is made anew when a revision changes the settings or the catalog, and only then', async () => {
    const { now, viewOf } = create();
    const first = await viewOf();
    expect(await viewOf()).toBe(first);
    now.catalog = catalogOf(now.settings);
    const second = await viewOf();
    expect([second === first, await viewOf()]).toEqual([false, second]);
    now.settings = settingsOf({ policy: { roles: { admin: ['api.*'] } } });
    expect((await viewOf()).size).toBe(0);
  });

  it('has words and compiled tools in common with the others of its catalog', async () => {
    const { viewOf } = create();
    const [plain, admin, gemini] = [await viewOf(), await viewOf(['admin']), await viewOf([], { profile: 'gemini' })];
    expect(plain.find('api_readA')).toBe(admin.find('api_readA'));
    expect((await plain.search('read', 5)).map(({ entry }) => entry.name)).toEqual(['api_readA', 'api_readB']);
    expect(plain.find('api_readA')!.searchTerms).toBe(admin.find('api_readA')!.searchTerms);
    expect(gemini.find('api_readA')).toBe((await viewOf(['admin'], { profile: 'gemini' })).find('api_readA'));
  });
});
