import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { type AuthorizationServer, startAuthorizationServer } from './server.js';
import { exchangeGrant, gatewayUrl, redirectUri, resource, TestClient, type TokenAnswer } from './test-client.js';

let server: AuthorizationServer;
let client: TestClient;

beforeAll(async () => {
  server = await startAuthorizationServer({ port: 0, gatehouseSecret: 'test-secret', gatewayUrls: [gatewayUrl] });
  client = new TestClient(server.issuer);
});
afterAll(() => server.close());

describe('the metadata', () => {
  it.each(['oauth-authorization-server', 'openid-configuration'])('serves %s with PKCE, issuer parameter, registration and every grant', async (name) => {
    const response = await fetch(`${server.issuer}/.well-known/${name}`, { headers: { origin: 'http://localhost:6274' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:6274');
    expect(await response.json()).toMatchObject({
      issuer: server.issuer,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      registration_endpoint: `${server.issuer}/register`,
      grant_types_supported: expect.arrayContaining(['authorization_code', 'refresh_token', 'client_credentials', exchangeGrant]),
      scopes_supported: expect.arrayContaining(['openid', 'offline_access', 'orders:read', 'orders:write']),
      introspection_endpoint: expect.any(String),
      revocation_endpoint: expect.any(String),
    });
  });

  it('listens on both loopback families', async () => {
    for (const host of ['127.0.0.1', '[::1]']) {
      const response = await fetch(`http://${host}:${server.port}/jwks`);
      expect(response.status).toBe(200);
    }
  });

  it('lets a browser client register', async () => {
    const response = await fetch(`${server.issuer}/register`, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:6274', 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('the code flow', () => {
  it('gives a JWT access token for the resource, with tenant and client', async () => {
    const { status, body, clientId } = await client.signIn('alice');
    expect(status).toBe(200);
    expect(body['scope']).toBe('openid orders:read');
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`));
    const { payload, protectedHeader } = await jwtVerify(body['access_token']!, keys, { issuer: server.issuer, audience: resource, typ: 'at+jwt' });
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload).toMatchObject({ sub: 'alice', tenant: 'acme', client_id: clientId, scope: 'openid orders:read' });
  });

  it('answers with the issuer beside the code (RFC 9207)', async () => {
    const { callback } = await client.authorize('alice');
    expect(callback.searchParams.get('iss')).toBe(server.issuer);
    expect(callback.searchParams.get('state')).toBe('s1');
  });

  it('takes any absolute URL as resource', async () => {
    const { body } = await client.signIn('bob', { resource: 'https://other.example/api' });
    expect(decodeJwt(body['access_token']!)).toMatchObject({ aud: 'https://other.example/api', sub: 'bob', tenant: 'globex' });
  });

  it('issues for the gateway when a client names no resource', async () => {
    const { body } = await client.signIn('alice', { resource: null });
    expect(decodeJwt(body['access_token']!).aud).toBe(resource);
  });

  it('silently grants carol less than she asks', async () => {
    const { status, body } = await client.signIn('carol', { scope: 'openid orders:read orders:write' });
    expect(status).toBe(200);
    expect(body['scope']).toBe('openid orders:read');
    expect(decodeJwt(body['access_token']!)['scope']).toBe('openid orders:read');
  });

  it('lets a client ask later for more than it registered with', async () => {
    const clientId = await client.register({ scope: 'openid orders:read' });
    const { body } = await client.signIn('alice', { clientId, scope: 'openid orders:read orders:write' });
    expect(body['scope']).toBe('openid orders:read orders:write');
  });

  it('refuses a request without PKCE', async () => {
    const { callback } = await client.authorize('alice', { challenge: false });
    expect(callback.searchParams.get('error')).toBe('invalid_request');
    expect(callback.searchParams.get('error_description')).toMatch(/PKCE/);
  });

  it('refuses a wrong verifier', async () => {
    const { callback, clientId } = await client.authorize('alice');
    const answer = await client.postToken({
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code')!,
      redirect_uri: redirectUri,
      client_id: clientId,
      code_verifier: 'x'.repeat(43),
    });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('refuses a wrong password', async () => {
    await expect(client.authorize('alice', { password: 'bob' })).rejects.toThrow('refused the login of alice');
  });

  it('tells the client when the person denies', async () => {
    const { callback } = await client.authorize('alice', { decision: 'deny' });
    expect(callback.searchParams.get('error')).toBe('access_denied');
    expect(callback.searchParams.get('code')).toBeNull();
  });

  it('refreshes, keeps the resource, and refuses the used refresh token', async () => {
    const first = await client.signIn('alice', { scope: 'openid orders:read offline_access', prompt: 'consent' });
    const refresh = (): Promise<TokenAnswer> => client.postToken({ grant_type: 'refresh_token', refresh_token: first.body['refresh_token']!, client_id: first.clientId, resource });
    const second = await refresh();
    expect(second.status).toBe(200);
    expect(decodeJwt(second.body['access_token']!)).toMatchObject({ sub: 'alice', aud: resource });
    expect(await refresh()).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it.each([
    ['once where it is told to, and ends the family of one that comes twice', true, [200, 400, 400]],
    ['again, by default', false, [200, 200, 200]],
  ])('takes a refresh token of a confidential client %s', async (_, rotatesRefreshTokens, statuses) => {
    const other = await startAuthorizationServer({ port: 0, gatehouseSecret: 'test-secret', gatewayUrls: [gatewayUrl], rotatesRefreshTokens });
    try {
      const confidential = new TestClient(other.issuer);
      const response = await fetch(`${other.issuer}/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ client_name: 'A test', redirect_uris: [redirectUri], token_endpoint_auth_method: 'client_secret_basic', grant_types: ['authorization_code', 'refresh_token'] }),
      });
      const { client_id: clientId, client_secret: secret } = (await response.json()) as { client_id: string; client_secret: string };
      const post = (form: Record<string, string>) => confidential.postToken(form, `${clientId}:${secret}`);
      const { callback, verifier } = await confidential.authorize('alice', { clientId, scope: 'openid orders:read offline_access', prompt: 'consent' });
      const first = await post({ grant_type: 'authorization_code', code: callback.searchParams.get('code')!, redirect_uri: redirectUri, code_verifier: verifier });
      const refresh = (token: string | undefined) => post({ grant_type: 'refresh_token', refresh_token: token ?? '' });
      const second = await refresh(first.body['refresh_token']);
      const third = await refresh(first.body['refresh_token']);
      const fourth = await refresh(second.body['refresh_token']);
      expect([second, third, fourth].map(({ status }) => status)).toEqual(statuses);
    } finally {
      await other.close();
    }
  });

  it('revokes a refresh token', async () => {
    const { body, clientId } = await client.signIn('alice', { scope: 'openid orders:read offline_access', prompt: 'consent' });
    const form = new URLSearchParams({ token: body['refresh_token']!, client_id: clientId });
    expect((await fetch(`${server.issuer}/token/revocation`, { method: 'POST', body: form })).status).toBe(200);
    const answer = await client.postToken({ grant_type: 'refresh_token', refresh_token: body['refresh_token']!, client_id: clientId });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });
});

describe('client credentials', () => {
  it('gives the machine a token of its tenant', async () => {
    const { status, body } = await client.postToken({ grant_type: 'client_credentials', scope: 'orders:read', resource }, 'ci:ci-demo-secret');
    expect(status).toBe(200);
    expect(decodeJwt(body['access_token']!)).toMatchObject({ sub: 'ci', client_id: 'ci', tenant: 'acme', aud: resource, scope: 'orders:read' });
  });

  it('refuses a wrong secret', async () => {
    expect(await client.postToken({ grant_type: 'client_credentials', resource }, 'ci:wrong')).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});
