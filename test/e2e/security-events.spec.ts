import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { SecurityEvents } from '../../src/audit/security-events.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

describe('refusals that have no tenant', () => {
  it('are counted by reason and address, never stored one by one', async () => {
    for (let index = 0; index < 50; index++) await gateway.post(list);
    for (let index = 0; index < 5; index++) await gateway.post(list, { token: await gateway.token({ aud: 'other', jti: `${index}` }) });
    expect((await gateway.post(list, { token: await gateway.token({ tenant: 'nobody' }) })).status).toBe(403);
    await gateway.app.get(SecurityEvents).flush();
    const client = new Client({ connectionString: gateway.urls.adminUrl?.reveal() });
    await client.connect();
    const { rows } = await client.query<{ reason: string; address: string; sum: string; rows: string }>('SELECT reason, address, sum(count), count(*) AS rows FROM gatehouse.security_events GROUP BY reason, address');
    await client.end();
    const counted = Object.fromEntries(rows.map(({ reason, sum }) => [reason, Number(sum)]));
    expect(counted).toEqual({ no_credential: 50, audience: 5, no_tenant: 1 });
    expect(rows.every(({ address, rows: stored }) => address === '127.0.0.1' && Number(stored) <= 3)).toBe(true);
  });
});

describe('a Host that is none of the public URLs', () => {
  it('is refused before anything else, but for the probes', async () => {
    const status = (path: string, host: string) =>
      new Promise<number>((resolve, reject) => {
        request(`${gateway.url}${path}`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        })
          .once('error', reject)
          .end();
      });
    expect(await status('/.well-known/oauth-protected-resource/mcp', 'rebound.example')).toBe(403);
    expect(await status('/mcp', 'rebound.example')).toBe(403);
    expect(await status('/mcp', new URL(gateway.url).host)).toBe(401);
    expect(await status('/healthz', '10.1.2.3:3232')).toBe(200);
  });
});
