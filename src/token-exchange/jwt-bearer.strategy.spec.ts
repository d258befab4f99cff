import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeGoogle, FakeIssuer, type ServiceAccountFile } from '@gatehouse-mcp/testing';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { refusalOf, startLinks, type TestLinks } from '../../test/tools/links.js';

const scope = 'https://www.googleapis.com/auth/calendar.readonly';
let issuer: FakeIssuer;
let google: FakeGoogle;
let account: ServiceAccountFile;
let links: TestLinks;

beforeAll(async () => {
  [issuer, google] = await Promise.all([FakeIssuer.start(), FakeGoogle.start()]);
  account = await google.addServiceAccount('gatehouse', [scope]);
});
afterAll(() => Promise.all([issuer.stop(), google.stop()]));
afterEach(() => links.stop());

describe('jwt-bearer with the caller\'s token', () => {
  const start = () => {
    links = startLinks([{ type: 'jwt-bearer', provider: 'corp', clientId: 'gatehouse', clientSecret: 'env:SECRET', clientAuthentication: 'client_secret_post', audience: 'items-api' }], {
      providers: { corp: { preset: 'oidc', issuer: issuer.url } },
      secrets: { SECRET: 'secret' },
    });
  };

  it('sends what RFC 7523 §2.1 says, to the provider that issued the token', async () => {
    start();
    const token = await issuer.mint({ sub: 'alice' });
    const credential = await links.obtain({ token, scopes: ['items:read'] });
    expect(Object.fromEntries(new URLSearchParams(issuer.requests.at(-1)!.body))).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: token,
      scope: 'items:read',
      audience: 'items-api',
      client_id: 'gatehouse',
      client_secret: 'secret',
    });
    expect(credential).toMatchObject({ actor: 'gatehouse', scopes: ['items:read'], isNarrowed: true });
  });

  it('asks nobody for a machine, or with the token of another provider', async () => {
    start();
    const before = issuer.requests.length;
    expect(await refusalOf(links.obtain({ token: 'x', caller: { kind: 'machine' } }))).toContain('acts for users, and you are a machine');
    expect(await refusalOf(links.obtain({ token: 'x', caller: { provider: 'other' } }))).toContain('you are signed in at provider "other"');
    expect(issuer.requests).toHaveLength(before);
  });
});

describe('jwt-bearer with an assertion of our own', () => {
  const start = (signed: object = {}, file: object = account) => {
    links = startLinks([{ type: 'jwt-bearer', scope, signed: { serviceAccount: 'env:ACCOUNT', subject: 'email', emailDomains: ['acme.example'], ...signed } }], { secrets: { ACCOUNT: JSON.stringify(file) } });
  };

  it('sends what Google asks for, and nothing of the caller\'s token', async () => {
    start();
    const credential = await links.obtain({ token: 'inbound-canary', caller: { provider: 'anything', verifiedEmail: 'alice@acme.example' } });
    const { body, headers } = google.requests.at(-1)!;
    const form = new URLSearchParams(body);
    expect([...form.keys()].toSorted()).toEqual(['assertion', 'grant_type', 'scope']);
    expect(headers.authorization).toBeUndefined();
    expect(body).not.toContain('inbound-canary');
    const assertion = form.get('assertion')!;
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'gatehouse-key' });
    const { iat = 0, exp = 0, ...claims } = decodeJwt(assertion);
    expect(claims).toEqual({ iss: account.client_email, sub: 'alice@acme.example', aud: `${google.url}/token`, scope, jti: expect.any(String) });
    expect(exp - iat).toBeLessThanOrEqual(60);
    expect(credential).toMatchObject({ actor: account.client_email, scopes: [scope], isNarrowed: false });
  });

  it.each([
    ['no verified address', { email: 'alice@acme.example' }, 'gives no verified e-mail address'],
    ['an address of another domain', { verifiedEmail: 'alice@globex.example' }, 'of a domain that may not be acted for'],
    ['an address of a subdomain', { verifiedEmail: 'alice@mail.acme.example' }, 'of a domain that may not be acted for'],
    ['no user', { kind: 'machine', verifiedEmail: 'alice@acme.example' }, 'acts for users, and you are a machine'],
  ] as const)('asks nobody for a caller with %s', async (_, caller, reason) => {
    start();
    const before = google.requests.length;
    expect(await refusalOf(links.obtain({ caller }))).toContain(reason);
    expect(google.requests).toHaveLength(before);
  });

  it('keeps the tokens of users apart', async () => {
    start();
    const of = async (name: string) => (await links.obtain({ caller: { verifiedEmail: `${name}@acme.example` } })).placement!.secret;
    const [alice, bob, again] = [await of('alice'), await of('bob'), await of('alice')];
    expect(alice.reveal()).not.toBe(bob.reveal());
    expect(again).toBe(alice);
  });

  it('hands on what Google refuses', async () => {
    const other = await google.addServiceAccount('narrow', []);
    start({}, other);
    expect(await refusalOf(links.obtain({ caller: { verifiedEmail: 'alice@acme.example' } }))).toContain('unauthorized_client: Client is unauthorized to retrieve access tokens');
  });

  it('names the setting whose file is no key, and shows nothing of it', async () => {
    expect(() => start({}, { canary: 'secret-canary' })).toThrow('apis[0].credentials[0].signed.serviceAccount: is no JSON key file of a service account');
    expect(() => start({}, { ...account, private_key: 'secret-canary' })).toThrow('apis[0].credentials[0].signed.serviceAccount: is no private key in PEM for RS256');
    start();
  });
});
