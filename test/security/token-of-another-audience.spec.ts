import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../../src/config/configuration.error.js';
import { parseConfiguration } from '../../src/config/configuration.file.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

/** Security attack 3. */
describe('a token that was issued for another service', () => {
  it.each([
    ['a string', 'https://other.example/mcp'],
    ['an array', ['https://other.example', 'items-api']],
    ['an array with something that is no string', ['x', 7]],
    ['missing', undefined],
    ['empty', ''],
    ['an object', { toString: 'x' }],
  ])('is refused when its aud is %s', async (_, aud) => {
    const response = await gateway.post(list, { token: await gateway.token({ aud }) });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token", .*resource_metadata="http/);
  });

  it('is refused although the same token is accepted with our audience among others', async () => {
    const response = await gateway.post(list, { token: await gateway.token({ aud: ['https://other.example', `${gateway.url}/mcp`] }) });
    expect(response.status).toBe(200);
  });

  it('is refused at a path that it was not issued for', async () => {
    const shared = await gateway.token();
    const own = await gateway.token({ aud: `${gateway.url}/t/acme/mcp` });
    const foreign = await gateway.token({ aud: `${gateway.url}/t/globex/mcp` });
    expect((await gateway.post(list, { token: shared, path: '/t/acme/mcp' })).status).toBe(401);
    expect((await gateway.post(list, { token: own })).status).toBe(401);
    expect((await gateway.post(list, { token: own, path: '/t/acme/mcp' })).status).toBe(200);
    // The audience is right and the tenant is not: another tenant's door looks like none.
    expect((await gateway.post(list, { token: foreign, path: '/t/globex/mcp' })).status).toBe(404);
  });

  it('is refused from the verified-token cache too', async () => {
    const token = await gateway.token();
    expect((await gateway.post(list, { token })).status).toBe(200);
    expect((await gateway.post(list, { token, path: '/t/acme/mcp' })).status).toBe(401);
  });

  it('cannot be accepted by a provider whose audiences are empty: the gateway does not start', () => {
    const text = `
publicUrls: [http://localhost:3232]
database: { url: "env:X" }
providers: { corp: { preset: oidc, issuer: "https://idp.example", audiences: [] } }
tenants: { acme: { rules: [{ provider: corp }] } }`;
    expect(() => parseConfiguration(text, 'gatehouse.yaml')).toThrow(ConfigurationError);
    expect(() => parseConfiguration(text, 'gatehouse.yaml')).toThrow(/providers\.corp\.audiences: must name at least one audience/);
    expect(() => parseConfiguration(text.replace('publicUrls: [http://localhost:3232]', 'publicUrls: []'), 'gatehouse.yaml')).toThrow(/publicUrls/);
  });
});
