import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

async function statusWithin(seconds: number, token: string, wanted: number): Promise<number> {
  const deadline = Date.now() + seconds * 1_000;
  let status = 0;
  while (Date.now() < deadline && status !== wanted) {
    status = (await gateway.post(list, { token })).status;
    if (status !== wanted) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return status;
}

/** Security attack 20. */
describe('a valid token of a tenant that was suspended or taken out', () => {
  it('is refused on a running replica within five seconds, and others are not', async () => {
    const acme = await gateway.token();
    const globex = await gateway.token({ tenant: 'globex' });
    expect((await gateway.post(list, { token: acme })).status).toBe(200);
    await gateway.apply((settings) => {
      (settings['tenants'] as Record<string, Record<string, unknown>>)['acme']!['state'] = 'suspended';
    });
    expect(await statusWithin(5, acme, 403)).toBe(403);
    expect((await gateway.post(list, { token: globex })).status).toBe(200);
    await gateway.apply((settings) => {
      (settings['tenants'] as Record<string, Record<string, unknown>>)['acme']!['state'] = 'active';
    });
    expect(await statusWithin(5, acme, 200)).toBe(200);
  });

  it('is refused when the tenant is no longer in the configuration', async () => {
    const globex = await gateway.token({ tenant: 'globex' });
    expect((await gateway.post(list, { token: globex })).status).toBe(200);
    await gateway.apply((settings) => {
      delete (settings['tenants'] as Record<string, unknown>)['globex'];
      settings['apis'] = (settings['apis'] as { tenant: string }[]).filter(({ tenant }) => tenant !== 'globex');
    });
    expect(await statusWithin(5, globex, 403)).toBe(403);
  });
});
