import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';
import { sendLegacy, sendModern } from '../tools/mcp-messages.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      settings['toolsets'] = [
        { name: 'reading', tenant: 'acme', title: 'Reading desk', include: ['items.get*', 'items.list*'] },
        { name: 'reading', tenant: 'globex', include: ['items.getItem'], scopes: ['desk'] },
        { name: 'writing', tenant: 'acme', include: ['items.createItem'], scopes: ['items:write', 'desk'], profile: 'gemini', searchAbove: 0 },
      ];
    },
  });
});
afterAll(() => gateway.stop());

const at = (path: string, claims: Readonly<Record<string, unknown>> = {}) => gateway.token({ aud: gateway.url + path, ...claims });
const namesAt = async (path: string, token: string) => (await sendModern(gateway, 'tools/list', {}, { token, path })).result.tools.map(({ name }) => name);
const metadata = async (path: string) => {
  const response = await fetch(`${gateway.url}/.well-known/oauth-protected-resource${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('a toolset', () => {
  it.each(['/mcp/sets/reading', '/t/acme/mcp/sets/reading'])('is what the caller sees at its address, and no more: %s', async (path) => {
    const token = await at(path);
    expect(await namesAt(path, token)).toEqual(['items_getItem', 'items_listItems']);
    const inside = await sendLegacy(gateway, 'tools/call', { name: 'items_getItem', arguments: { id: '1' } }, { token, path });
    expect(inside.result.isError).toBeFalsy();
    const outside = await sendModern(gateway, 'tools/call', { name: 'items_createItem', arguments: { title: 'x' } }, { token, path });
    expect([outside.status, outside.error]).toEqual([200, { code: -32602, message: 'there is no such tool' }]);
    const rows = await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 1 });
    expect(rows[0]).toMatchObject({ kind: 'refused', tool: 'items_createItem', decision: 'unknown_entry' });
  });

  it('is a protected resource of its own', async () => {
    expect(await metadata('/t/acme/mcp/sets/reading')).toMatchObject({
      status: 200,
      body: { resource: `${gateway.url}/t/acme/mcp/sets/reading`, authorization_servers: [gateway.issuer.url], scopes_supported: ['openid', 'items:read'], resource_name: 'Reading desk' },
    });
    expect((await metadata('/mcp/sets/writing')).body).toMatchObject({ resource: `${gateway.url}/mcp/sets/writing`, scopes_supported: ['openid', 'items:read', 'items:write', 'desk'] });
    const response = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { path: '/mcp/sets/writing' });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      `Bearer scope="openid items:read items:write desk", resource_metadata="${gateway.url}/.well-known/oauth-protected-resource/mcp/sets/writing"`,
    ]);
  });

  it('has one document for all tenants that have the name, with what all of them need', async () => {
    expect((await metadata('/mcp/sets/reading')).body).toMatchObject({ resource: `${gateway.url}/mcp/sets/reading`, scopes_supported: ['openid', 'items:read', 'desk'], resource_name: 'Gatehouse' });
    expect(await namesAt('/mcp/sets/reading', await at('/mcp/sets/reading', { sub: 'gus', tenant: 'globex', scope: 'items:read desk' }))).toEqual(['items_getItem']);
  });

  it('asks for its scopes before anything else: 403 with all that the caller needs, on record', async () => {
    const path = '/mcp/sets/writing';
    for (const message of [{ jsonrpc: '2.0', id: 1, method: 'ping' }, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'call_tool', arguments: { name: 'items_createItem' } } }]) {
      const response = await gateway.post(message, { path, token: await at(path, { scope: 'items:read items:write' }) });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([
        403,
        `Bearer error="insufficient_scope", error_description="this call needs the scope desk", scope="items:read items:write desk", resource_metadata="${gateway.url}/.well-known/oauth-protected-resource/mcp/sets/writing"`,
      ]);
    }
    const rows = await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 2 });
    expect(rows.map(({ kind, tool, decision }) => [kind, tool, decision])).toEqual([
      ['refused', 'items_createItem', 'insufficient_scope'],
      ['refused', '', 'insufficient_scope'],
    ]);
  });

  it('has a profile and a number of its own', async () => {
    const path = '/mcp/sets/writing';
    const token = await at(path, { scope: 'items:read items:write desk' });
    const { result } = await sendModern(gateway, 'tools/list', {}, { token, path, client: 'cursor-vscode' });
    expect(result.tools.map(({ name }) => name)).toEqual(['search_tools', 'describe_tool', 'call_tool']);
    expect(result.tools[0]?.inputSchema).not.toHaveProperty('additionalProperties');
    const described = await sendModern(gateway, 'tools/call', { name: 'describe_tool', arguments: { name: 'items_createItem' } }, { token, path });
    expect(JSON.parse(described.result.content[0]!.text)).not.toHaveProperty('inputSchema.additionalProperties');
    expect((await sendModern(gateway, 'tools/call', { name: 'call_tool', arguments: { name: 'items_createItem', arguments: { title: 'x' } } }, { token, path })).result.isError).toBeFalsy();
    expect((await sendModern(gateway, 'tools/call', { name: 'call_tool', arguments: { name: 'items_getItem', arguments: { id: 'x' } } }, { token, path })).error?.code).toBe(-32602);
  });

  it('that there is not has no document, and no door', async () => {
    for (const path of ['/mcp/sets/nothing', '/t/acme/mcp/sets/nothing', '/t/globex/mcp/sets/writing', '/t/nobody/mcp/sets/reading', '/mcp/sets/__proto__']) {
      expect([path, (await metadata(path)).status]).toEqual([path, 404]);
      const response = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { path, token: await at(path, { tenant: path.includes('globex') ? 'globex' : 'acme' }) });
      expect([path, response.status]).toEqual([path, 404]);
    }
    // globex has none of the name: the same answer as where nobody has.
    const answers = await Promise.all(['/mcp/sets/nothing', '/mcp/sets/writing'].map(async (path) => gateway.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { path, token: await at(path, { tenant: 'globex' }) })));
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(await answers[0]!.json()).toEqual(await answers[1]!.json());
  });

  it('comes, changes and goes while the gateway runs', async () => {
    const path = '/mcp/sets/reading';
    const token = await at(path);
    await gateway.apply((settings) => {
      (settings['toolsets'] as Record<string, unknown>[])[0]!['include'] = ['items.getItem'];
    });
    expect(await namesAt(path, token)).toEqual(['items_getItem']);
    await gateway.apply((settings) => {
      settings['toolsets'] = [{ name: 'new', tenant: 'acme', include: ['items.*'] }];
    });
    expect((await gateway.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { path, token })).status).toBe(404);
    expect(await namesAt('/mcp/sets/new', await at('/mcp/sets/new'))).toHaveLength(4);
  });

  it('offers only POST, and finds its own way in for clients older than RFC 9728 only where that is on', async () => {
    const token = await at('/mcp/sets/new');
    const response = await fetch(`${gateway.url}/mcp/sets/new`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(405);
    expect((await fetch(`${gateway.url}/.well-known/oauth-authorization-server/mcp/sets/new`)).status).toBe(404);
    await gateway.apply((settings) => {
      (settings['providers'] as Record<string, Record<string, unknown>>)['corp']!['legacyDiscovery'] = true;
    });
    expect(await (await fetch(`${gateway.url}/.well-known/oauth-authorization-server/mcp/sets/new`)).json()).toMatchObject({ issuer: `${gateway.url}/mcp/sets/new` });
    expect((await fetch(`${gateway.url}/.well-known/oauth-authorization-server/t/acme/mcp/sets/new`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/.well-known/oauth-authorization-server/mcp/sets/nothing`)).status).toBe(404);
  });
});
