import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { type AuthorizationServer, startAuthorizationServer } from './server.js';
import { accessTokenType, exchangeGrant, gatewayUrl, resource, TestClient } from './test-client.js';

let server: AuthorizationServer;
let client: TestClient;

beforeAll(async () => {
  server = await startAuthorizationServer({ port: 0, gatehouseSecret: 'test-secret', gatewayUrls: [gatewayUrl] });
  client = new TestClient(server.issuer);
});
afterAll(() => server.close());

describe('token exchange', () => {
  it('gives a token for the API, with the user as subject and the gateway as actor', async () => {
    const subject = await client.accessToken('alice', { scope: 'openid orders:read orders:write' });
    const { status, body } = await client.exchange(subject, { scope: 'orders:read' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ issued_token_type: accessTokenType, token_type: 'Bearer', expires_in: 300, scope: 'orders:read' });
    expect(decodeProtectedHeader(body['access_token']!).typ).toBe('at+jwt');
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`));
    const { payload } = await jwtVerify(body['access_token']!, keys, { issuer: server.issuer, audience: 'orders' });
    expect(payload).toMatchObject({ sub: 'alice', aud: 'orders', tenant: 'acme', client_id: 'gatehouse', act: { sub: 'gatehouse' }, scope: 'orders:read' });
  });

  it('gives the scopes of the subject token when none is asked, and takes the type jwt', async () => {
    const subject = await client.accessToken('alice', { scope: 'openid orders:read orders:write' });
    const { body } = await client.exchange(subject, { subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' });
    expect(body['scope']).toBe('orders:read orders:write');
  });

  it.each([
    ['alice', 'openid orders:read', 'orders:write'],
    ['carol', 'openid orders:read orders:write', 'orders:read orders:write'],
    ['alice', 'openid orders:read', 'orders:admin'],
  ])('refuses to widen: %s signed in for "%s" and asks "%s"', async (user, held, asked) => {
    const subject = await client.accessToken(user, { scope: held });
    expect(await client.exchange(subject, { scope: asked })).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
  });

  it('refuses an audience that the client may not ask for', async () => {
    const subject = await client.accessToken('alice');
    expect(await client.exchange(subject, { audience: 'payroll' })).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
  });

  it('refuses a second audience that the client may not ask for', async () => {
    const subject = await client.accessToken('alice');
    const form: [string, string][] = [
      ['grant_type', exchangeGrant],
      ['subject_token', subject],
      ['subject_token_type', accessTokenType],
      ['audience', 'orders'],
      ['audience', 'payroll'],
    ];
    expect(await client.postToken(form, 'gatehouse:test-secret')).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
  });

  it.each(['https://other.example/mcp', 'http://localhost:32320/mcp', 'http://localhost.evil.example:3232/mcp'])('refuses a subject token for %s', async (audience) => {
    const subject = await client.accessToken('alice', { resource: audience });
    const answer = await client.exchange(subject);
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(answer.body['error_description']).toMatch(/audience/);
  });

  it('refuses a token of another key or issuer, an ID token and no token at all', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const forge = (claims: Record<string, unknown>): Promise<string> =>
      new SignJWT({ sub: 'alice', aud: resource, iss: server.issuer, scope: 'orders:read', ...claims })
        .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt' })
        .setExpirationTime('5m')
        .sign(privateKey);
    const signedIn = await client.signIn('alice');
    for (const token of [await forge({}), await forge({ iss: 'https://evil.example' }), 'not-a-jwt', signedIn.body['id_token']!]) {
      expect(await client.exchange(token)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    }
  });

  it("keeps a machine's identity", async () => {
    const machine = await client.postToken({ grant_type: 'client_credentials', scope: 'orders:read', resource }, 'ci:ci-demo-secret');
    const { body } = await client.exchange(machine.body['access_token']!);
    expect(decodeJwt(body['access_token']!)).toMatchObject({ sub: 'ci', tenant: 'acme', scope: 'orders:read', act: { sub: 'gatehouse' } });
  });

  it('refuses a client that was not given the grant, and a missing secret', async () => {
    const subject = await client.accessToken('alice');
    const form = { grant_type: exchangeGrant, subject_token: subject, subject_token_type: accessTokenType, audience: 'orders' };
    expect(await client.postToken(form, 'ci:ci-demo-secret')).toMatchObject({ status: 400 });
    expect(await client.postToken({ ...form, client_id: 'gatehouse' })).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});
