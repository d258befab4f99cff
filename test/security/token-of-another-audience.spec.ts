import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../../src/config/configuration.error.js';
import { parseConfiguration } from '../../src/config/configuration.file.js';
import { DIRECTORY, startEveryProvider, type EveryProvider } from '../tools/every-provider.js';
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

/** The audience claim of each kind of provider, and what makes it ours. */
const kinds: Record<string, readonly [good: (every: EveryProvider) => string, mint: (every: EveryProvider, aud: unknown) => Promise<string>]> = {
  'entra 1.0': [({ entra }) => `api://${entra.appId}`, ({ entra }, aud) => entra.mintUserToken({ tenant: DIRECTORY, version: 1, claims: { aud } })],
  'entra 2.0': [({ entra }) => entra.appId, ({ entra }, aud) => entra.mintUserToken({ tenant: DIRECTORY, version: 2, claims: { aud } })],
  'entra, an application\'s own': [({ entra }) => entra.appId, ({ entra }, aud) => entra.mintAppToken({ tenant: DIRECTORY, version: 2, claims: { aud } })],
  auth0: [() => 'https://api.acme.example', ({ auth0 }, aud) => auth0.mintUserToken({ aud })],
  okta: [() => 'api://default', ({ okta }, aud) => okta.mintUserToken({ aud })],
  google: [() => 'ours.apps', ({ google }, aud) => google.mintIdToken('ours.apps', { aud })],
  introspection: [
    () => 'gatehouse',
    async ({ introspection }, aud) => {
      const token = randomUUID();
      introspection.activate(token, { sub: 'alice', aud, exp: Math.floor(Date.now() / 1_000) + 300 });
      return token;
    },
  ],
};

describe('a token of each kind of provider for another service', () => {
  let every: EveryProvider;
  beforeAll(async () => {
    every = await startEveryProvider();
  });
  afterAll(() => every.stop());

  it.each(Object.keys(kinds))('is refused: %s', async (kind) => {
    const [ours, mint] = kinds[kind]!;
    const good = ours(every);
    const others = ['https://other.example', ['https://other.example', 'x'], [], [good, 7], undefined, '', { 0: good }, `${good}/`, `${good}.evil`, good.toUpperCase(), [[good]], `https://other.example ${good}`];
    for (const aud of others) expect([aud, await every.statusOf(await mint(every, aud))]).toEqual([aud, 401]);
    expect(await every.statusOf(await mint(every, good))).toBe(200);
    expect(await every.statusOf(await mint(every, ['https://other.example', good]))).toBe(200);
  });

  it('is refused when it is for an audience of another of our providers', async () => {
    const audiences = Object.values(kinds).map(([ours]) => ours(every));
    for (const [kind, [ours, mint]] of Object.entries(kinds)) {
      // Both forms of Entra's are one provider's.
      const foreign = audiences.filter((aud) => aud !== ours(every) && !(kind.startsWith('entra') && aud.includes(every.entra.appId)));
      for (const aud of foreign) expect([kind, aud, await every.statusOf(await mint(every, aud))]).toEqual([kind, aud, 401]);
    }
  });
});

describe('a provider that could not tell whom its tokens are for', () => {
  it.each([
    ['auth0, domain: a.eu.auth0.com', /providers\.corp\.audience/],
    ['auth0, domain: a.eu.auth0.com, audience: []', /providers\.corp\.audience/],
    ['auth0, domain: a.eu.auth0.com, audience: ""', /providers\.corp\.audience/],
    ['okta, domain: a.okta.com', /providers\.corp\.audience/],
    ['entra, tenantId: 11111111-2222-4333-8444-555555555555', /providers\.corp\.clientId/],
    ['google', /providers\.corp\.clientId/],
    ['google, clientId: []', /providers\.corp\.clientId/],
    ['introspection, issuer: "https://idp.example", clientId: g, clientSecret: "env:S", audiences: []', /providers\.corp\.audiences/],
    ['keycloak, issuer: "https://idp.example", audiences: []', /providers\.corp\.audiences/],
    ['custom, module: "file:./v.mjs", tokenPrefixes: [x-], audiences: []', /providers\.corp\.audiences/],
    ['github', /providers\.corp.* accepts tokens of every GitHub OAuth app/],
    ['github, clientId: ours', /providers\.corp\.clientSecret/],
  ])('does not start in production: %s', (settings, problem) => {
    const text = `
publicUrls: [https://mcp.example]
database: { url: "env:X" }
providers: { corp: { preset: ${settings} } }
tenants: { acme: { rules: [{ provider: corp }] } }`;
    expect(() => parseConfiguration(text, 'gatehouse.yaml')).toThrow(problem);
  });
});
