import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose';
import { FakeAuth0 } from './fake-auth0.js';

let auth0: FakeAuth0;

beforeAll(async () => {
  auth0 = await FakeAuth0.start();
  auth0.applications.set('m2m', 'secret');
});
afterAll(() => auth0.stop());

describe('the fake Auth0', () => {
  it('has an issuer that ends with a slash, in its metadata and its tokens', async () => {
    expect(await (await fetch(`${auth0.url}/.well-known/openid-configuration`)).json()).toMatchObject({ issuer: `${auth0.url}/` });
    const keys = createLocalJWKSet((await (await fetch(`${auth0.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet);
    await jwtVerify(await auth0.mintUserToken(), keys, { issuer: `${auth0.url}/`, audience: 'https://api.acme.example', algorithms: ['RS256'] });
  });

  it('puts own claims under a URL, and permissions beside scopes', async () => {
    expect(decodeJwt(await auth0.mintUserToken())).toMatchObject({ 'https://acme.example/roles': ['manager'], permissions: ['read:orders'], aud: [expect.anything(), `${auth0.url}/userinfo`], azp: expect.any(String) });
  });

  it('marks an application\'s own token', async () => {
    const response = await fetch(`${auth0.url}/oauth/token`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ grant_type: 'client_credentials', client_id: 'm2m', client_secret: 'secret', audience: 'https://api.acme.example' }) });
    const { access_token: token } = (await response.json()) as { access_token: string };
    expect(decodeJwt(token)).toMatchObject({ gty: 'client-credentials', sub: 'm2m@clients', azp: 'm2m' });
  });

  it.each([
    [{}, 403],
    [{ audience: 'https://unknown.example' }, 403],
    [{ audience: 'https://api.acme.example', client_secret: 'wrong' }, 401],
  ])('refuses a request for %j with %i access_denied', async (fields, status) => {
    const response = await fetch(`${auth0.url}/oauth/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'm2m', client_secret: 'secret', ...fields }) });
    expect([response.status, await response.json()]).toEqual([status, { error: 'access_denied', error_description: expect.any(String) }]);
  });

  it('gives nobody else anything to verify where no audience was asked', async () => {
    const opaque = auth0.issueOpaqueToken();
    expect(opaque).not.toContain('.');
    expect((await fetch(`${auth0.url}/userinfo`, { headers: { authorization: `Bearer ${opaque}` } })).status).toBe(200);
    expect((await fetch(`${auth0.url}/userinfo`, { headers: { authorization: 'Bearer guessed' } })).status).toBe(401);
    const [header = '', encryptedKey, ...rest] = (await auth0.mintEncryptedToken()).split('.');
    expect([encryptedKey, rest.length]).toEqual(['', 3]);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'dir', enc: 'A256GCM', iss: auth0.issuer });
  });
});
