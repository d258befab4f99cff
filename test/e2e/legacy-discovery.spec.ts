import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
const json = { 'content-type': 'application/json' };
const setLegacy = (on: boolean) => (settings: Settings) => {
  Object.assign((settings['providers'] as Record<string, object>)['corp']!, { legacyDiscovery: on });
};

beforeAll(async () => {
  gateway = await startGateway({ change: setLegacy(true) });
  const { url } = gateway.issuer;
  const metadata = { issuer: url, jwks_uri: `${url}/jwks`, authorization_endpoint: `${url}/auth?realm=acme`, token_endpoint: `${url}/token`, registration_endpoint: `${url}/reg`, code_challenge_methods_supported: ['S256'], signed_metadata: 'x' };
  gateway.issuer.fixed.set('/.well-known/openid-configuration', { status: 200, headers: json, body: JSON.stringify(metadata) });
});
afterAll(() => gateway.stop());

const get = (path: string, headers: Record<string, string> = {}) => fetch(gateway.url + path, { redirect: 'manual', headers });

describe('a client older than RFC 9728', () => {
  it.each(['/.well-known/oauth-authorization-server', '/.well-known/oauth-authorization-server/mcp', '/.well-known/openid-configuration'])('finds the provider\'s metadata at %s, from any page, under our issuer and with our endpoints', async (path) => {
    const response = await get(path, { origin: 'https://any.example' });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toEqual({
      issuer: gateway.url,
      authorization_endpoint: `${gateway.url}/authorize`,
      token_endpoint: `${gateway.url}/token`,
      registration_endpoint: `${gateway.url}/register`,
      jwks_uri: `${gateway.issuer.url}/jwks`,
      code_challenge_methods_supported: ['S256'],
    });
  });

  it('finds a tenant\'s at the path of its own resource, and none of a tenant that is not there', async () => {
    expect(await (await get('/.well-known/oauth-authorization-server/t/acme/mcp')).json()).toMatchObject({ issuer: `${gateway.url}/t/acme/mcp` });
    expect((await get('/.well-known/oauth-authorization-server/t/nobody/mcp')).status).toBe(404);
  });

  it('is sent to the provider\'s own sign-in, with the resource that it did not know to ask for', async () => {
    const response = await get('/authorize?response_type=code&client_id=old&code_challenge=x&state=a%26b&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcb');
    expect(response.status).toBe(302);
    const location = new URL(response.headers.get('location') ?? '');
    expect(location.origin + location.pathname).toBe(`${gateway.issuer.url}/auth`);
    expect(Object.fromEntries(location.searchParams)).toEqual({ realm: 'acme', response_type: 'code', client_id: 'old', code_challenge: 'x', state: 'a&b', redirect_uri: 'http://127.0.0.1:9/cb', resource: `${gateway.url}/mcp`, scope: 'openid items:read' });
    expect(new URL((await get('/authorize?scope=own&resource=own')).headers.get('location') ?? '').searchParams.getAll('resource')).toEqual(['own']);
  });

  it('registers and gets its tokens through us, answers as they are', async () => {
    gateway.issuer.fixed.set('/reg', { status: 201, headers: json, body: '{"client_id":"new"}' });
    const registered = await fetch(`${gateway.url}/register`, { method: 'POST', headers: json, body: '{"redirect_uris":["http://127.0.0.1/cb"]}' });
    expect([registered.status, await registered.json()]).toEqual([201, { client_id: 'new' }]);
    gateway.issuer.fixed.set('/token', { status: 400, headers: json, body: '{"error":"invalid_grant"}' });
    const refused = await fetch(`${gateway.url}/token`, { method: 'POST', headers: { authorization: 'Basic b2xkOng=' }, body: new URLSearchParams({ grant_type: 'authorization_code', code: 'used' }) });
    gateway.issuer.fixed.delete('/token');
    expect([refused.status, refused.headers.get('cache-control'), await refused.json()]).toEqual([400, 'no-store', { error: 'invalid_grant' }]);
    const asked = gateway.issuer.requests.findLast(({ path }) => path === '/token');
    expect(asked?.headers.authorization).toBe('Basic b2xkOng=');
    expect(asked?.body.toString()).toBe('grant_type=authorization_code&code=used');
  });

  it('may send no JSON for a form, no large form, and a form nowhere else', async () => {
    expect((await fetch(`${gateway.url}/token`, { method: 'POST', headers: json, body: '{}' })).status).toBe(415);
    expect((await fetch(`${gateway.url}/token`, { method: 'POST', body: new URLSearchParams({ code: 'x'.repeat(70_000) }) })).status).toBe(413);
    expect((await gateway.post('{}', { token: await gateway.token(), headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status).toBe(415);
  });

  it('finds nothing where no provider allows it', async () => {
    await gateway.apply(setLegacy(false));
    const until = Date.now() + 10_000;
    while ((await get('/authorize')).status !== 404 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 100));
    for (const path of ['/authorize', '/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) expect((await get(path)).status).toBe(404);
    for (const path of ['/token', '/register']) expect((await fetch(gateway.url + path, { method: 'POST', headers: json, body: '{}' })).status).toBe(404);
  });
});
