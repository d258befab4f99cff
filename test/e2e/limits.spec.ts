import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readAudit } from '../../src/audit/audit.reader.js';
import { TenantDatabase } from '../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../src/tenancy/tenant.registry.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ change: (settings) => (settings['limits'] = { perCaller: { requests: 3, window: '1m' } }) });
});
afterAll(() => gateway.stop());

const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'items_getItem', arguments: { id: 'x' } } };

describe('the limit of a caller', () => {
  it('is 429 with Retry-After above it, whatever door, token or forwarded address is used', async () => {
    const tokens = [await gateway.token(), await gateway.token({ jti: 'another' }), await gateway.token({ aud: `${gateway.url}/t/acme/mcp` })];
    const statuses: number[] = [];
    let last: Response | undefined;
    for (let index = 0; index < 8; index++) {
      const token = tokens[index % 3];
      last = await gateway.post(call, { token, path: index % 3 === 2 ? '/t/acme/mcp' : '/mcp', headers: { 'x-forwarded-for': `203.0.113.${index}` } });
      statuses.push(last.status);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429, 429, 429]);
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(gateway.upstream.requests).toHaveLength(3);
  });

  it('is nobody else\'s, not even of the same subject in another tenant', async () => {
    expect((await gateway.post(call, { token: await gateway.token({ sub: 'bob' }) })).status).toBe(200);
    expect((await gateway.post(call, { token: await gateway.token({ tenant: 'globex' }) })).status).toBe(200);
  });

  it('leaves one durable record, however many were refused', async () => {
    const rows = await readAudit(gateway.app.get(TenantDatabase), gateway.app.get(TenantRegistry).find('acme')!, { limit: 50 });
    expect(rows.filter(({ decision }) => decision === 'rate_limited').map(({ tool, subject }) => [tool, subject])).toEqual([['items_getItem', 'alice']]);
  });
});
