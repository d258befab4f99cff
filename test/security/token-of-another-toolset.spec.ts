import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
const doors = ['/mcp', '/t/acme/mcp', '/mcp/sets/one', '/mcp/sets/two', '/t/acme/mcp/sets/one', '/t/acme/mcp/sets/two'];

beforeAll(async () => {
  gateway = await startGateway({
    change: (settings) => {
      settings['toolsets'] = ['one', 'two'].map((name) => ({ name, tenant: 'acme', include: ['items.*'] }));
    },
  });
});
afterAll(() => gateway.stop());

const statusAt = async (path: string, token: string) => (await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { path, token })).status;

/** Security attack 3, at the addresses of toolsets. */
describe('a token for one toolset', () => {
  it.each(doors)('opens the door that it was issued for and no other: %s', async (door) => {
    const token = await gateway.token({ aud: gateway.url + door });
    for (const path of doors) expect([path, await statusAt(path, token)]).toEqual([path, path === door ? 200 : 401]);
  });

  it('is refused under a name that only looks like it', async () => {
    for (const aud of ['/mcp/sets/one/', '/mcp/sets', '/mcp/sets/ONE', '/mcp/sets/one/../two', '/mcp/sets/%6fne']) {
      const token = await gateway.token({ aud: gateway.url + aud });
      expect([aud, await statusAt('/mcp/sets/one', token)]).toEqual([aud, 401]);
      expect([aud, await statusAt('/mcp/sets/two', token)]).toEqual([aud, 401]);
    }
  });

  it('is accepted everywhere only where the provider has an audience for the whole gateway', async () => {
    await gateway.apply((settings) => {
      (settings['providers'] as Record<string, Record<string, unknown>>)['corp']!['audiences'] = ['gatehouse'];
    });
    const token = await gateway.token({ aud: 'gatehouse' });
    for (const path of doors) expect([path, await statusAt(path, token)]).toEqual([path, 200]);
  });
});
