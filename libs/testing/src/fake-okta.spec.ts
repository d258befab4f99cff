import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose';
import { FakeOkta } from './fake-okta.js';

let okta: FakeOkta;

beforeAll(async () => {
  okta = await FakeOkta.start('aus1');
});
afterAll(() => okta.stop());

async function keysOf(issuer: string) {
  const metadata = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as { issuer: string; jwks_uri: string };
  expect(metadata.issuer).toBe(issuer);
  return createLocalJWKSet((await (await fetch(metadata.jwks_uri)).json()) as JSONWebKeySet);
}

describe('the fake Okta', () => {
  it('signs tokens of its custom server with a published key', async () => {
    const { payload } = await jwtVerify(await okta.mintUserToken(), await keysOf(okta.issuer), { issuer: `${okta.url}/oauth2/aus1`, audience: 'api://default' });
    expect(payload).toMatchObject({ sub: 'alice@acme.example', uid: '00u1alice0000000001', cid: expect.any(String), scp: ['openid', 'orders.read'], groups: ['Everyone', 'Sales'] });
  });

  it('gives a service its client id as subject, and no uid', async () => {
    const claims = decodeJwt(await okta.mintMachineToken('0oa2'));
    expect(claims).toMatchObject({ sub: '0oa2', cid: '0oa2' });
    expect(claims).not.toHaveProperty('uid');
  });

  it('signs access tokens of the org\'s own server with a key that nobody can have', async () => {
    await expect(jwtVerify(await okta.mintOrgToken(), await keysOf(okta.url))).rejects.toThrow('no applicable key');
  });
});
