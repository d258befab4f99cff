import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTRA_CLAIMS, FakeEntra } from '@gatehouse-mcp/testing';
import { decodeJwt } from 'jose';
import { refusalOf, startLinks, type TestCall, type TestLinks } from '../../test/tools/links.js';

const acme = '72f988bf-0000-4000-8000-00000000acce';
const globex = '72f988bf-0000-4000-8000-0000000610be';
const api = 'api://items';
let entra: FakeEntra;
let links: TestLinks;
let count = 0;

beforeAll(async () => {
  entra = await FakeEntra.start();
  entra.apps.set(entra.appId, 'app secret');
  entra.onBehalfOf.resources.set(api, ['Items.Read', 'Items.Write']);
});
afterAll(() => entra.stop());
afterEach(async () => {
  entra.onBehalfOf.refusal = undefined;
  await links.stop();
});

const provider = () => ({ preset: 'entra', tenantId: [acme, globex], clientId: entra.appId, authority: entra.url, version1Issuer: `${entra.url}/sts` });
const start = (more: object = {}, secrets: Record<string, string> = {}) => {
  links = startLinks([{ type: 'entra-obo', provider: 'corp', clientSecret: 'env:SECRET', audience: api, ...more }], { providers: { corp: provider() }, secrets: { SECRET: 'app secret', ...secrets } });
};
const user = async (tenant = acme, claims: Record<string, unknown> = {}): Promise<TestCall> => ({
  token: await entra.mintUserToken({ tenant, version: 2, claims: { name: `user ${count++}`, ...claims } }),
  caller: { provider: 'corp', issuer: entra.issuerOf(tenant, 2), subject: `${tenant}/${count}` },
});

describe('entra-obo', () => {
  it('sends what Entra ID asks for, to the caller\'s own directory', async () => {
    start();
    const call = await user(globex);
    const credential = await links.obtain({ ...call, scopes: ['Items.Read'] });
    const { path, headers, body } = entra.requests.at(-1)!;
    expect([path, headers.authorization]).toEqual([`/${globex}/oauth2/v2.0/token`, undefined]);
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      client_id: entra.appId,
      client_secret: 'app secret',
      assertion: call.token,
      requested_token_use: 'on_behalf_of',
      scope: `${api}/.default`,
    });
    // The API names its scopes without the URI.
    expect(credential).toMatchObject({ actor: entra.appId, scopes: ['Items.Read', 'Items.Write'], isNarrowed: false });
    expect(decodeJwt(credential.placement!.secret.reveal())).toMatchObject({ aud: api, tid: globex });
  });

  it('keeps the name of a scope that the API\'s document writes in full', async () => {
    start();
    expect((await links.obtain({ ...(await user()), scopes: [`${api}/Items.Read`] })).scopes).toEqual([`${api}/Items.Read`, 'Items.Write']);
  });

  it('proves itself with a certificate', async () => {
    const { privateKey, certificate } = await entra.onBehalfOf.addCertificate(entra.appId);
    start({ clientSecret: undefined, privateKey: 'env:KEY', certificate: 'env:CERTIFICATE' }, { KEY: privateKey, CERTIFICATE: certificate });
    await links.obtain(await user());
    const form = new URLSearchParams(entra.requests.at(-1)!.body);
    expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    expect(form.has('client_secret')).toBe(false);
  });

  it('names the setting whose certificate is not of its key', async () => {
    const [one, other] = [await entra.onBehalfOf.addCertificate('a'), await entra.onBehalfOf.addCertificate('b')];
    const wrong = () => start({ clientSecret: undefined, privateKey: 'env:KEY', certificate: 'env:CERTIFICATE' }, { KEY: one.privateKey, CERTIFICATE: other.certificate });
    expect(wrong).toThrow('apis[0].credentials[0].certificate: is not the certificate of the private key');
    start();
  });

  it('refuses an app\'s own token before it asks anybody', async () => {
    start();
    const before = entra.requests.length;
    const token = await entra.mintAppToken({ tenant: acme, version: 2 });
    const text = await refusalOf(links.obtain({ token, caller: { provider: 'corp', kind: 'machine', issuer: entra.issuerOf(acme, 2) } }));
    expect(text).toContain('acts for users, and you are a machine');
    expect(entra.requests).toHaveLength(before);
  });

  it('shows the token of another provider to nobody', async () => {
    start();
    const before = entra.requests.length;
    expect(await refusalOf(links.obtain({ token: 'x', caller: { provider: 'other' } }))).toContain('you are signed in at provider "other"');
    expect(entra.requests).toHaveLength(before);
  });

  it.each([
    ['mfa', 'AADSTS50076'],
    ['mfaEnrolment', 'AADSTS50079'],
  ] as const)('hands the claims challenge on when the user has to do more: %s', async (refusal, code) => {
    start();
    entra.onBehalfOf.refusal = refusal;
    const call = await user();
    const text = await refusalOf(links.obtain(call));
    expect(text).toContain('needs you to sign in again');
    expect(text).toContain(code);
    expect(text).toContain(ENTRA_CLAIMS);
    expect(text).not.toContain(call.token!.split('.')[1]);
  });

  it('keeps Entra ID\'s codes', async () => {
    start();
    entra.onBehalfOf.refusal = 'consent';
    expect(await refusalOf(links.obtain(await user()))).toContain('AADSTS65001');
    entra.onBehalfOf.refusal = undefined;
    expect(await refusalOf(links.obtain(await user(acme, { aud: 'api://another' })))).toContain('AADSTS50013');
  });

  it.each([
    [{ audience: 'api://unknown' }, {}, 'AADSTS500011'],
    [{ audience: undefined, scope: 'api://items/Items.Read' }, {}, 'AADSTS70011'],
    [{}, { SECRET: 'wrong' }, 'AADSTS7000215'],
  ])('keeps the code of a wrong setting: %j %j', async (more, secrets, code) => {
    start(more, secrets);
    expect(await refusalOf(links.obtain(await user()))).toContain(code);
  });
});
