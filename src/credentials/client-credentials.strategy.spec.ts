import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeIssuer } from '@gatehouse-mcp/testing';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { startLinks, type TestLinks } from '../../test/tools/links.js';

const link = { type: 'client-credentials', provider: 'corp', clientId: 'gatehouse', clientSecret: 'env:SECRET', scope: 'items:read items:write', audience: 'items-api', resource: 'https://items.example' };
let issuer: FakeIssuer;
let links: TestLinks;

beforeAll(async () => {
  issuer = await FakeIssuer.start();
});
afterAll(() => issuer.stop());
afterEach(async () => {
  issuer.fixed.clear();
  await links.stop();
});

const start = (more: object = {}, secrets: Record<string, string> = {}) => {
  links = startLinks([{ ...link, ...more }], { providers: { corp: { preset: 'oidc', issuer: issuer.url } }, secrets: { SECRET: 'secret', ...secrets } });
};

describe('client-credentials', () => {
  it('sends what RFC 6749 §4.4 says, and nothing of the caller', async () => {
    start();
    const credential = await links.obtain({ token: 'inbound-canary', caller: { kind: 'machine', subject: 'robot-canary' } });
    const { headers, body } = issuer.requests.at(-1)!;
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({ grant_type: 'client_credentials', scope: 'items:read items:write', audience: 'items-api', resource: 'https://items.example' });
    expect(headers.authorization).toBe(`Basic ${Buffer.from('gatehouse:secret').toString('base64')}`);
    expect(JSON.stringify(issuer.requests.at(-1))).not.toContain('canary');
    // What tells it from a call on behalf of the caller in the audit.
    expect(credential).toMatchObject({ actor: 'client-credentials:gatehouse', scopes: ['items:read', 'items:write'] });
  });

  it('obtains one token for all callers of a tenant, and another for another tenant', async () => {
    start();
    const before = issuer.tokenRequests.length;
    const [alice, bob] = await Promise.all([links.obtain({ caller: { subject: 'alice' } }), links.obtain({ caller: { subject: 'bob' } })]);
    const again = await links.obtain({ caller: { subject: 'carol', issuer: 'https://other.example' } });
    const other = await links.obtain({ tenant: 'globex' });
    expect(bob.placement!.secret).toBe(alice.placement!.secret);
    expect(again.placement!.secret).toBe(alice.placement!.secret);
    expect(other.placement!.secret).not.toBe(alice.placement!.secret);
    expect(issuer.tokenRequests.length - before).toBe(2);
  });

  it('gives up the token that an API refuses, and not the one in its place', async () => {
    start();
    const refused = await links.obtain();
    refused.evict!();
    const fresh = await links.obtain();
    refused.evict!();
    expect(fresh.placement!.secret).not.toBe(refused.placement!.secret);
    expect((await links.obtain()).placement!.secret).toBe(fresh.placement!.secret);
  });

  it('proves itself with a key, at an endpoint that no provider names', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    start({ provider: undefined, tokenEndpoint: `${issuer.url}/token`, clientSecret: undefined, privateKey: 'env:KEY', keyId: 'k1', signingAlgorithm: 'ES256' }, { KEY: key });
    await links.obtain();
    const form = new URLSearchParams(issuer.requests.at(-1)!.body);
    const jwks = createLocalJWKSet({ keys: [{ ...publicKey.export({ format: 'jwk' }), kty: 'EC', kid: 'k1' }] });
    const { payload } = await jwtVerify(form.get('client_assertion')!, jwks, { algorithms: ['ES256'] });
    expect(payload).toMatchObject({ iss: 'gatehouse', sub: 'gatehouse', aud: `${issuer.url}/token` });
  });

  it('knows no scopes where nobody names them', async () => {
    start({ scope: 'api://items/.default' });
    issuer.fixed.set('/token', { status: 200, body: '{"access_token":"x","token_type":"Bearer"}' });
    expect((await links.obtain()).scopes).toBeNull();
  });
});
