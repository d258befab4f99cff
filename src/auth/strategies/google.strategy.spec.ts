import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeGoogle } from '@gatehouse-mcp/testing';
import { startSignIn, type TestSignIn } from '../../../test/tools/sign-in.js';
import { googleUser } from '../../../libs/testing/src/fake-google.js';

let google: FakeGoogle;
let corp: TestSignIn;
let workspace: TestSignIn;
const settings = () => ({ preset: 'google', clientId: ['ours.apps', 'ours-too.apps'], jwksUri: google.jwksUri, tokeninfoEndpoint: google.tokenInfoEndpoint, userinfoEndpoint: google.userInfoEndpoint });

beforeAll(async () => {
  google = await FakeGoogle.start();
  corp = await startSignIn({ google: settings() });
  workspace = await startSignIn({ google: { ...settings(), hostedDomains: ['acme.example'] } });
});
afterAll(async () => {
  await Promise.all([corp.stop(), workspace.stop(), google.stop()]);
});

describe('Google', () => {
  it.each(['https://accounts.google.com', 'accounts.google.com'])('takes an ID token of one of our clients whose iss is %s', async (iss) => {
    const { caller, audiences } = await corp.verify(await google.mintIdToken('ours-too.apps', { iss }));
    expect(caller).toMatchObject({ issuer: 'https://accounts.google.com', subject: googleUser.sub, kind: 'user', email: googleUser.email, name: googleUser.name, tenant: 'acme' });
    expect(audiences).toEqual(['ours-too.apps']);
  });

  it('takes an access token of our client, with its scopes, and is the same caller', async () => {
    const { caller, audiences } = await corp.verify(google.issueAccessToken({ clientId: 'ours.apps', scope: 'openid email' }));
    expect(caller).toMatchObject({ issuer: 'https://accounts.google.com', subject: googleUser.sub, tenant: 'acme', scopes: new Set(['openid', 'email']) });
    expect(audiences).toEqual(['ours.apps']);
  });

  it('refuses the access token of another client before it asks who the user is (attack 4)', async () => {
    const before = google.fetches.get('/v1/userinfo') ?? 0;
    await expect(corp.verify(google.issueAccessToken({ clientId: 'somebody-else.apps' }))).rejects.toMatchObject({ reason: 'audience' });
    expect(google.fetches.get('/v1/userinfo') ?? 0).toBe(before);
  });

  it('refuses what is revoked or made up', async () => {
    const token = google.issueAccessToken({ clientId: 'ours.apps' });
    google.revoke(token);
    await expect(corp.verify(token)).rejects.toMatchObject({ reason: 'inactive' });
    await expect(corp.verify('ya29.made-up')).rejects.toMatchObject({ reason: 'inactive' });
  });

  it('takes accounts of the Workspace domains that are named, and no others, by the claim and not by the address', async () => {
    await expect(workspace.verify(await google.mintIdToken('ours.apps'))).resolves.toBeDefined();
    const stranger = { ...googleUser, sub: '7', hostedDomain: undefined };
    await expect(workspace.verify(await google.mintIdToken('ours.apps', { hd: 'evil.example' }))).rejects.toMatchObject({ reason: 'hosted_domain' });
    await expect(workspace.verify(google.issueAccessToken({ clientId: 'ours.apps', user: stranger as never }))).rejects.toMatchObject({ reason: 'hosted_domain' });
  });

  it('says 503 and not 401 when Google does not answer', async () => {
    google.fixed.set('/tokeninfo', { status: 500, body: '' });
    await expect(corp.verify('ya29.anything')).rejects.toMatchObject({ status: 503 });
    google.fixed.delete('/tokeninfo');
  });
});
