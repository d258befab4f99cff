import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAuthorizationServer, type AuthorizationServer } from '../../demo/authorization-server/server.js';
import { TestClient } from '../../demo/authorization-server/test-client.js';
import { loginHeadless } from '../../demo/login/headless-login.js';
import { startPages, type TestPages } from '../tools/pages.js';

let pages: TestPages;
let server: AuthorizationServer;

beforeAll(async () => {
  pages = await startPages();
  const { url } = pages.gateway;
  server = await startAuthorizationServer({ port: 0, gatehouseSecret: 'x', gatewayUrls: [url] });
  const clientId = await new TestClient(server.issuer).register({ redirect_uris: [`${url}/connections/signed-in`], grant_types: ['authorization_code'] });
  await pages.gateway.apply((settings) => {
    (settings['providers'] as Record<string, object>)['demo'] = { preset: 'oidc', issuer: server.issuer, basicScopes: ['openid', 'orders:read'], browser: { clientId } };
    (settings['tenants'] as Record<string, { rules: object[] }>)['acme']!.rules.push({ provider: 'demo', claim: 'tenant', equals: 'acme' });
    (settings['egress'] as { allow: string[] }).allow.push(new URL(server.issuer).host);
  });
  const until = Date.now() + 10_000;
  while ((await pages.browser().open('/connections/sign-in/demo', { stay: true })).status !== 303 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 100));
}, 60_000);
afterAll(async () => {
  await pages.stop();
  await server.close();
});

describe('a sign-in at a certified OpenID provider', () => {
  it('goes through its own pages and ends on ours', async () => {
    const browser = pages.browser();
    const leaving = await browser.open('/connections/sign-in/demo?connection=weather', { stay: true });
    const back = await loginHeadless({ authorizationUrl: new URL(leaving.headers.get('location') ?? ''), user: 'alice', cookies: browser.cookies });
    const page = await browser.open(back);
    expect([page.status, page.url.pathname]).toEqual([200, '/connections/to/weather']);
    expect(page.html).toContain('<small>acme</small>');
  });

  it('signs nobody in who says no', async () => {
    const browser = pages.browser();
    const leaving = await browser.open('/connections/sign-in/demo', { stay: true });
    const back = await loginHeadless({ authorizationUrl: new URL(leaving.headers.get('location') ?? ''), user: 'alice', decision: 'deny', cookies: browser.cookies });
    const page = await browser.open(back);
    expect([page.status, page.html.includes('(access_denied)')]).toEqual([400, true]);
  });
});
