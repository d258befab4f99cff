import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { FakeEntra, PERSONAL_ACCOUNTS_TENANT } from './fake-entra.js';

const acme = '72f988bf-0000-4000-8000-00000000acce';
const globex = '72f988bf-0000-4000-8000-0000000610be';
let entra: FakeEntra;

beforeAll(async () => {
  entra = await FakeEntra.start();
  entra.apps.set('gatehouse', 'app secret');
});
afterAll(() => entra.stop());

const get = async (path: string): Promise<Record<string, unknown>> => (await fetch(entra.url + path)).json() as Promise<Record<string, unknown>>;

describe('the fake Entra ID', () => {
  it('publishes keys without alg, bound to all tenants or to one, with a real certificate', async () => {
    const { keys } = (await get('/common/discovery/v2.0/keys')) as unknown as JSONWebKeySet;
    expect(keys.map(({ alg }) => alg)).toEqual([undefined, undefined]);
    expect(keys.map((key) => (key as { issuer?: string }).issuer)).toEqual([`${entra.url}/{tenantid}/v2.0`, `${entra.url}/${PERSONAL_ACCOUNTS_TENANT}/v2.0`]);
    const certificate = new X509Certificate(Buffer.from(keys[0]!.x5c![0]!, 'base64'));
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.export({ format: 'jwk' })['n']).toBe(keys[0]!.n);
    expect(Buffer.from(certificate.fingerprint.replaceAll(':', ''), 'hex').toString('base64url')).toBe(keys[0]!.kid);
  });

  it('names each tenant in its own metadata, and a placeholder in the shared one', async () => {
    expect(await get(`/${acme}/v2.0/.well-known/openid-configuration`)).toMatchObject({ issuer: entra.issuerOf(acme, 2) });
    expect(await get(`/sts/${acme}/.well-known/openid-configuration`)).toMatchObject({ issuer: entra.issuerOf(acme, 1) });
    expect(await get('/common/v2.0/.well-known/openid-configuration')).toMatchObject({ issuer: `${entra.url}/{tenantid}/v2.0` });
  });

  it.each([1, 2] as const)('signs v%i tokens that its own key set verifies', async (version) => {
    const token = await entra.mintUserToken({ tenant: acme, version });
    const { jwks_uri: uri } = (await get(`/${acme}/v2.0/.well-known/openid-configuration`)) as { jwks_uri: string };
    const keys = createLocalJWKSet((await (await fetch(uri)).json()) as JSONWebKeySet);
    const { payload } = await jwtVerify(token, keys, { issuer: entra.issuerOf(acme, version) });
    expect(payload['tid']).toBe(acme);
  });

  it('names client, user and audience differently in v1 and v2', async () => {
    const v1 = await entra.mintUserToken({ tenant: acme, version: 1 });
    expect(decodeJwt(v1)).toMatchObject({ ver: '1.0', aud: `api://${entra.appId}`, appid: expect.any(String), upn: 'alice@acme.example', unique_name: 'alice@acme.example', scp: expect.any(String), tid: acme });
    expect(decodeProtectedHeader(v1)).toMatchObject({ x5t: expect.any(String) });
    const v2 = await entra.mintUserToken({ tenant: acme, version: 2 });
    expect(decodeJwt(v2)).toMatchObject({ ver: '2.0', aud: entra.appId, azp: expect.any(String), preferred_username: 'alice@acme.example', oid: expect.any(String) });
    expect(decodeJwt(v2)).not.toHaveProperty('appid');
    expect(decodeProtectedHeader(v2)).not.toHaveProperty('x5t');
  });

  it('gives apps tokens of their own: roles, no scp, sub the same as oid', async () => {
    const claims = decodeJwt(await entra.mintAppToken({ tenant: acme, version: 2 }));
    expect(claims).toMatchObject({ idtyp: 'app', roles: ['Orders.Read.All'], azpacr: '1' });
    expect(claims).not.toHaveProperty('scp');
    expect(claims['oid']).toBe(claims.sub);
  });
});

describe('the fake Graph', () => {
  const user = 'a11ce000-0000-4000-8000-00000000e17a';
  const groups = Array.from({ length: 250 }, (_, index) => `group-${index}`);
  const grant = (tenant: string, change: Record<string, string> = {}) =>
    fetch(`${entra.url}/${tenant}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'gatehouse', client_secret: 'app secret', scope: 'https://graph.microsoft.com/.default', ...change }),
    });
  const bearer = async (tenant = acme) => ({ authorization: `Bearer ${((await (await grant(tenant)).json()) as { access_token: string }).access_token}` });
  const memberObjects = async (headers: Record<string, string>) =>
    fetch(`${entra.url}/v1.0/users/${user}/getMemberObjects`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{"securityEnabledOnly":true}' });

  beforeAll(() => entra.graph.setGroups(acme, user, groups));

  it('refuses apps with the codes of Entra ID', async () => {
    expect(await (await grant(acme, { client_secret: 'x' })).json()).toMatchObject({ error: 'invalid_client', error_codes: [7000215] });
    expect(await (await grant(acme, { scope: 'User.Read' })).json()).toMatchObject({ error: 'invalid_scope' });
  });

  it('lists all of a user\'s groups at once, to an app of that tenant only', async () => {
    expect(await (await memberObjects(await bearer())).json()).toMatchObject({ value: groups });
    expect((await memberObjects(await bearer(globex))).status).toBe(404);
    expect((await memberObjects({ authorization: `Bearer ${await entra.mintAppToken({ tenant: acme, version: 2 })}` })).status).toBe(401);
  });

  it('lists them in pages, directory roles first', async () => {
    entra.graph.directoryRoles.push('role-1');
    const headers = await bearer();
    const seen: string[] = [];
    let next: string | undefined = `${entra.url}/v1.0/users/${user}/transitiveMemberOf`;
    while (next !== undefined) {
      const page = (await (await fetch(next, { headers })).json()) as { value: { id: string }[]; '@odata.nextLink'?: string };
      seen.push(...page.value.map(({ id }) => id));
      next = page['@odata.nextLink'];
    }
    expect(seen).toEqual(['role-1', ...groups]);
    expect(entra.fetches.get(`/v1.0/users/${user}/transitiveMemberOf`)).toBe(3);
  });

  it('can deny and throttle', async () => {
    const headers = await bearer();
    entra.graph.refusal = 'denied';
    expect((await memberObjects(headers)).status).toBe(403);
    entra.graph.refusal = 'throttled';
    const throttled = await memberObjects(headers);
    expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '10']);
    entra.graph.refusal = undefined;
  });

  it('is not where an overage claim points', () => {
    expect(JSON.stringify(entra.groupOverage(acme, user))).toContain(`${entra.url}/retired-graph/${acme}/users/${user}`);
  });
});
