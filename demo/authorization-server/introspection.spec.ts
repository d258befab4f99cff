import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import { startSignIn } from '../../test/tools/sign-in.js';
import { type AuthorizationServer, startAuthorizationServer } from './server.js';
import { gatewayUrl, resource, TestClient } from './test-client.js';

let server: AuthorizationServer;
let client: TestClient;

beforeAll(async () => {
  server = await startAuthorizationServer({ port: 0, gatehouseSecret: 'test-secret', gatewayUrls: [gatewayUrl] });
  client = new TestClient(server.issuer);
});
afterAll(() => server.close());

async function introspect(token: string, basic = 'gatehouse:test-secret') {
  const response = await fetch(`${server.issuer}/token/introspection`, {
    method: 'POST',
    body: new URLSearchParams({ token }),
    headers: { authorization: `Basic ${Buffer.from(basic).toString('base64')}` },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('introspection', () => {
  it('tells gatehouse about a token for its resource: whose, for whom, until when', async () => {
    const { status, body } = await introspect(await client.accessToken('alice'));
    expect(status).toBe(200);
    expect(body).toMatchObject({ active: true, sub: 'alice', tenant: 'acme', iss: server.issuer, aud: resource, scope: 'openid orders:read', token_type: 'Bearer', exp: expect.any(Number), client_id: expect.any(String) });
  });

  it('tells nobody about a token for another resource', async () => {
    const token = await client.accessToken('alice', { resource: 'https://payroll.example/api' });
    expect(await introspect(token)).toEqual({ status: 200, body: { active: false } });
    expect((await introspect(await client.accessToken('alice'), 'ci:ci-demo-secret')).body).toEqual({ active: false });
  });

  it('takes a forged token for an inactive one', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const forged = await new SignJWT({ tenant: 'acme' }).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt' }).setIssuer(server.issuer).setSubject('alice').setAudience(resource).setExpirationTime('5m').sign(privateKey);
    expect(await introspect(forged)).toEqual({ status: 200, body: { active: false } });
    expect(await introspect('opaque')).toEqual({ status: 200, body: { active: false } });
  });

  it('answers a client only that proves itself', async () => {
    const token = await client.accessToken('alice');
    expect(await introspect(token, 'gatehouse:wrong')).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await introspect(token, 'nobody:x')).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('is enough for a gateway whose provider has preset: introspection', async () => {
    const corp = { preset: 'introspection', issuer: server.issuer, clientId: 'gatehouse', clientSecret: 'env:SECRET' };
    const signIn = await startSignIn({ corp }, { secrets: { 'env:SECRET': 'test-secret' } });
    try {
      const { caller, audiences } = await signIn.verify(await client.accessToken('alice'));
      expect(caller).toMatchObject({ provider: 'corp', issuer: server.issuer, subject: 'alice', kind: 'user', scopes: new Set(['openid', 'orders:read']) });
      expect(audiences).toEqual([resource]);
      await expect(signIn.verify(await client.accessToken('alice', { resource: 'https://payroll.example/api' }))).rejects.toMatchObject({ reason: 'inactive' });
    } finally {
      await signIn.stop();
    }
  });
});
