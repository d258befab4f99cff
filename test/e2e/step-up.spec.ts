import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      const [api] = settings['apis'] as Record<string, unknown>[];
      (settings['apis'] as Record<string, unknown>[]).push({ ...api, name: 'mapped', scopes: { 'items:write': 'editor' } });
      (settings['providers'] as Record<string, Record<string, unknown>>)['corp']!['roles'] = { claim: 'groups', map: { '0f2c': 'editor' } };
    },
  });
});
afterAll(() => gateway.stop());

const call = (name: string) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: { id: 'x' } } });

describe('a tool whose scope the caller lacks', () => {
  it('is listed', async () => {
    const response = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token: await gateway.token({ scope: 'items:read' }) });
    expect(await response.text()).toContain('"name":"items_deleteItem"');
  });

  it.each(['/mcp', '/t/acme/mcp'])('steps up with HTTP 403: what the caller has and what it needs (%s)', async (path) => {
    const token = await gateway.token({ scope: 'openid items:read', aud: gateway.url + path });
    const response = await gateway.post(call('items_deleteItem'), { token, path });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer error="insufficient_scope", error_description="this call needs the scope items:write", scope="openid items:read items:write", resource_metadata="${gateway.url}/.well-known/oauth-protected-resource${path}"`,
    );
    expect(gateway.upstream.requests).toHaveLength(0);
  });

  it('leaves a durable record of the refusal', async () => {
    const rows = await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 10 });
    expect(rows.filter(({ kind }) => kind === 'refused').map(({ decision, tool }) => [decision, tool])).toEqual([
      ['insufficient_scope', 'items_deleteItem'],
      ['insufficient_scope', 'items_deleteItem'],
    ]);
  });

  it('can be had by a role, where the API maps its scope to one', async () => {
    const without = await gateway.post(call('mapped_deleteItem'), { token: await gateway.token({ scope: 'items:read items:write' }) });
    expect(without.status).toBe(403);
    const within = await gateway.post(call('mapped_deleteItem'), { token: await gateway.token({ scope: 'items:read', groups: ['0f2c'] }) });
    expect(within.status).toBe(200);
    // Asked for under the API's own name, because the caller holds it under another.
    expect(gateway.issuer.tokenRequests.at(-1)?.parameters.get('scope')).toBe('items:read items:write');
  });
});
