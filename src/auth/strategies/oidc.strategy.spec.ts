import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeAuth0, FakeIssuer, FakeOkta } from '@gatehouse-mcp/testing';
import { startSignIn, type TestSignIn } from '../../../test/tools/sign-in.js';

let auth0: FakeAuth0;
let okta: FakeOkta;
let issuer: FakeIssuer;
let corp: TestSignIn;

beforeAll(async () => {
  [auth0, okta, issuer] = await Promise.all([FakeAuth0.start(), FakeOkta.start(), FakeIssuer.start()]);
  corp = await startSignIn({
    auth0: { preset: 'auth0', issuer: auth0.issuer, audience: 'https://api.acme.example', roles: [{ claim: 'https://acme.example/roles' }, { claim: 'permissions', map: { 'read:orders': 'orders-reader' } }] },
    okta: { preset: 'okta', issuer: okta.issuer, audience: 'api://default', roles: { claim: 'groups', map: { Sales: 'seller' } } },
    keycloak: { preset: 'keycloak', issuer: issuer.url, roles: [{ claim: ['realm_access', 'roles'] }, { claim: ['resource_access', 'orders.api', 'roles'] }] },
  });
});
afterAll(async () => {
  await Promise.all([corp.stop(), auth0.stop(), okta.stop(), issuer.stop()]);
});

describe('Auth0', () => {
  it('has roles in namespaced claims and in permissions', async () => {
    const { caller, audiences } = await corp.verify(await auth0.mintUserToken({ 'https://acme.example/roles': ['admin'], permissions: ['read:orders', 'unmapped'] }));
    expect(caller).toMatchObject({ provider: 'auth0', kind: 'user', roles: new Set(['admin', 'orders-reader']) });
    expect(audiences).toContain('https://api.acme.example');
  });

  it('recognises a machine', async () => {
    expect((await corp.verify(await auth0.mintMachineToken('job'))).caller).toMatchObject({ kind: 'machine', clientId: 'job' });
    expect((await corp.verify(await auth0.mintMachineToken('job', { gty: undefined }))).caller.kind).toBe('machine');
  });

  it('gives opaque and encrypted tokens where no audience was asked, and they are nobody\'s', async () => {
    await expect(corp.verify(auth0.issueOpaqueToken())).rejects.toMatchObject({ reason: 'unknown_issuer' });
    await expect(async () => corp.verify(await auth0.mintEncryptedToken())).rejects.toMatchObject({ reason: 'unknown_issuer' });
  });
});

describe('Okta', () => {
  it('knows a user by uid: the login may change', async () => {
    const before = await corp.verify(await okta.mintUserToken());
    const after = await corp.verify(await okta.mintUserToken({ sub: 'alice.smith@acme.example' }));
    expect(before.caller).toMatchObject({ subject: '00u1alice0000000001', kind: 'user', roles: new Set(['seller']), scopes: new Set(['openid', 'orders.read']) });
    expect(after.caller.subject).toBe(before.caller.subject);
  });

  it('knows a client by its id, and refuses a user without uid', async () => {
    expect((await corp.verify(await okta.mintMachineToken('0oajob'))).caller).toMatchObject({ subject: '0oajob', kind: 'machine' });
    await expect(async () => corp.verify(await okta.mintUserToken({ uid: undefined }))).rejects.toMatchObject({ reason: 'no_subject' });
  });

  it('of the org\'s own server is nobody\'s token', async () => {
    await expect(async () => corp.verify(await okta.mintOrgToken())).rejects.toMatchObject({ reason: 'unknown_issuer' });
  });
});

describe('Keycloak and any OpenID provider', () => {
  const token = (claims: object, options?: object) => issuer.mint({ sub: 'alice', aud: 'gatehouse', ...claims }, options);

  it('has roles below a path of claims', async () => {
    const { caller } = await corp.verify(await token({ realm_access: { roles: ['auditor'] }, resource_access: { 'orders.api': { roles: ['writer'] }, other: { roles: ['no'] } } }));
    expect(caller.roles).toEqual(new Set(['auditor', 'writer']));
  });

  it('says when and how the user authenticated, and who acts', async () => {
    const { caller } = await corp.verify(await token({ typ: 'Bearer', auth_time: 1_700_000_000, acr: 'gold', amr: ['pwd', 'otp'], jti: 'id-1', act: { sub: 'agent' }, name: 'Alice', email: 'alice@acme.example' }));
    expect(caller).toMatchObject({ authentication: { at: 1_700_000_000, context: 'gold', methods: ['pwd', 'otp'] }, tokenId: 'id-1', actors: ['agent'], name: 'Alice', email: 'alice@acme.example' });
  });

  it.each([
    ['an ID token', { at_hash: 'x' }, {}, 'id_token'],
    ['an ID token with a nonce only', { nonce: 'x' }, {}, 'id_token'],
    ['Keycloak\'s ID token', { typ: 'ID' }, {}, 'token_type'],
    ['Keycloak\'s refresh token', { typ: 'Refresh' }, {}, 'token_type'],
    ['Cognito\'s ID token', { token_use: 'id' }, {}, 'token_type'],
    ['a logout token', { events: {} }, {}, 'token_type'],
    ['an ID-JAG', {}, { header: { typ: 'oauth-id-jag+jwt' } }, 'token_type'],
    ['a DPoP proof', {}, { header: { typ: 'dpop+jwt' } }, 'token_type'],
    ['bound to a key (attack 28)', { cnf: { jkt: 'x' } }, {}, 'sender_constrained'],
  ])('refuses %s (attack 25)', async (_, claims, options, reason) => {
    await expect(async () => corp.verify(await token(claims, options))).rejects.toMatchObject({ reason });
  });

  it('takes an ID token only where the provider says so, and the claim that is its audience elsewhere', async () => {
    const special = await startSignIn({ corp: { preset: 'oidc', issuer: issuer.url, tokenKind: 'id_token', audienceClaim: 'client_id', subjectClaim: 'employee' } });
    const { caller, audiences } = await special.verify(await token({ at_hash: 'x', client_id: 'app', employee: 'e-7' }));
    expect(caller.subject).toBe('e-7');
    expect(audiences).toEqual(['app']);
    await special.stop();
  });
});
