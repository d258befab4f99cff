import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createIssuerFetch, Secret } from '@gatehouse-mcp/oauth';
import { FakeIssuer } from '@gatehouse-mcp/testing';
import { Agent } from 'undici';
import { startSignIn } from '../../../test/tools/sign-in.js';
import { createProviderFetch } from '../../auth/provider.http.js';
import { liveSchema } from '../../config/configuration.schema.js';
import { findBrowser } from './browser-client.js';
import { SignInClient } from './sign-in.client.js';

const publicUrl = 'https://mcp.acme.example';
const directory = '11111111-2222-4333-8444-555555555555';
let issuer: FakeIssuer;
const agent = new Agent();

beforeAll(async () => {
  issuer = await FakeIssuer.start();
  issuer.signIn.clients.set('pages', { id: 'pages', redirectUris: [`${publicUrl}/connections/signed-in`] });
  issuer.signIn.person = { sub: 'alice' };
});
afterAll(async () => {
  await issuer.stop();
  await agent.destroy();
});

/** A client of one provider, and the whole way through it. */
async function clientOf(provider: object) {
  const providers = { corp: provider };
  const settings = liveSchema.parse({ providers, tenants: { acme: { rules: [{ provider: 'corp' }] } } });
  const counted: string[] = [];
  const signIn = await startSignIn(providers, { secrets: { 'env:S': 'app-secret' } });
  // As much of each as the client uses.
  const parts = {
    live: { current: { settings, secrets: new Map([['env:S', new Secret('app-secret')]]) } },
    parts: { fetchFor: () => createProviderFetch('corp', createIssuerFetch(agent, 2_000)) },
    verifier: { verify: (token: Secret, door: string | undefined) => signIn.verify(token.reveal(), door) },
    events: { count: (reason: string) => void counted.push(reason) },
  };
  const client = new SignInClient(parts.live as never, parts.parts as never, parts.verifier as never, parts.events as never, [publicUrl]);
  const browser = findBrowser(settings, 'corp')!;
  return {
    counted,
    begin: () => client.begin(browser, publicUrl),
    walk: async (nonce?: string) => {
      const { location, proof } = await client.begin(browser, publicUrl);
      const answer = await fetch(location, { redirect: 'manual' });
      const { searchParams } = new URL(answer.headers.get('location') ?? '');
      return client.finish({ ...proof, ...(nonce === undefined ? {} : { nonce }) }, searchParams, { publicUrl, address: '127.0.0.1' });
    },
    stop: () => signIn.stop(),
  };
}

describe('a sign-in at a provider whose tokens are ID tokens', () => {
  const provider = () => ({ preset: 'oidc', issuer: issuer.url, tokenKind: 'id_token', audiences: ['pages'], browser: { clientId: 'pages' } });

  it('takes the ID token, of this very sign-in', async () => {
    const { walk, counted, stop } = await clientOf(provider());
    expect(await walk()).toMatchObject({ subject: 'alice', provider: 'corp' });
    await expect(walk('of-another-sign-in')).rejects.toMatchObject({ code: 'sign_in_refused', message: expect.stringContaining('ID token is of another sign-in') });
    expect(counted).toEqual(['nonce']);
    await stop();
  });

  it('says what is missing when there is none', async () => {
    const { walk, stop } = await clientOf({ ...provider(), browser: { clientId: 'pages', scopes: ['profile'] } });
    await expect(walk()).rejects.toMatchObject({ message: expect.stringContaining('openid is missing in the scopes') });
    await stop();
  });
});

describe('a sign-in of a public client', () => {
  it('names the client in the form, and asks for the operator\'s own resource', async () => {
    const { walk, stop } = await clientOf({ preset: 'oidc', issuer: issuer.url, audiences: ['urn:gateway'], browser: { clientId: 'pages', parameters: { resource: 'urn:gateway', prompt: 'login' } } });
    expect(await walk()).toMatchObject({ subject: 'alice' });
    const asked = issuer.requests.findLast(({ path }) => path === '/token');
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toMatchObject({ client_id: 'pages', resource: 'urn:gateway' });
    expect(asked?.headers.authorization).toBeUndefined();
    await stop();
  });

  it('is refused a token for itself and no user', async () => {
    const { walk, counted, stop } = await clientOf({ preset: 'oidc', issuer: issuer.url, audiences: ['urn:gateway'], browser: { clientId: 'pages', parameters: { resource: 'urn:gateway' } } });
    issuer.signInClaims = { sub: 'pages' };
    await expect(walk()).rejects.toMatchObject({ status: 403 });
    issuer.signInClaims = {};
    expect(counted).toEqual(['machine']);
    await stop();
  });
});

describe('a provider without metadata of one issuer', () => {
  it('GitHub: known endpoints, the secret in the form, no resource and no nonce', async () => {
    const { begin, walk, stop } = await clientOf({ preset: 'github', clientId: 'app', clientSecret: 'env:S', baseUrl: issuer.url, browser: { clientId: 'app', clientSecret: 'env:S' } });
    const { location } = await begin();
    expect(`${location.origin}${location.pathname}`).toBe(`${issuer.url}/login/oauth/authorize`);
    expect([...location.searchParams.keys()].toSorted()).toEqual(['client_id', 'code_challenge', 'code_challenge_method', 'redirect_uri', 'response_type', 'scope', 'state']);
    issuer.fixed.set('/login/oauth/authorize', { status: 302, body: '', headers: { location: `${publicUrl}/connections/signed-in?code=code-of-github&state=s` } });
    issuer.fixed.set('/login/oauth/access_token', { status: 200, body: JSON.stringify({ error: 'incorrect_client_credentials' }) });
    await expect(walk()).rejects.toMatchObject({ status: 400, message: expect.stringContaining('incorrect_client_credentials') });
    const asked = issuer.requests.findLast(({ path }) => path === '/login/oauth/access_token');
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toMatchObject({ client_id: 'app', client_secret: 'app-secret', code: 'code-of-github' });
    await stop();
  });

  it.each([
    [directory, directory],
    [[directory, directory.replace('1', '2')], 'organizations'],
  ])('Entra: the endpoints of %s, and no resource, which it refuses', async (tenantId, path) => {
    const { begin, stop } = await clientOf({ preset: 'entra', tenantId, clientId: directory, authority: issuer.url, browser: { clientId: directory, scopes: ['openid', `api://${directory}/access`] } });
    const { location } = await begin();
    expect(`${location.origin}${location.pathname}`).toBe(`${issuer.url}/${path}/oauth2/v2.0/authorize`);
    expect(location.searchParams.has('resource')).toBe(false);
    expect(location.searchParams.get('nonce')).toMatch(/^[\w-]{22}$/);
    await stop();
  });
});

describe('a provider that is away', () => {
  it('is 503 and no refusal', async () => {
    const { begin, walk, stop } = await clientOf({ preset: 'oidc', issuer: issuer.url, browser: { clientId: 'pages' } });
    issuer.fixed.set('/token', { status: 503, body: '' });
    await expect(walk()).rejects.toMatchObject({ status: 503 });
    issuer.fixed.clear();
    expect((await begin()).location.pathname).toBe('/authorize');
    const { begin: beginElsewhere, stop: stopElsewhere } = await clientOf({ preset: 'oidc', issuer: 'http://127.0.0.1:9', jwksUri: `${issuer.url}/jwks`, browser: { clientId: 'pages' } });
    await expect(beginElsewhere()).rejects.toMatchObject({ status: 503 });
    await Promise.all([stop(), stopElsewhere()]);
  });
});
