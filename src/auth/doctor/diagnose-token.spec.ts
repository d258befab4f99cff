import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeAuth0, FakeEntra, FakeIssuer } from '@gatehouse-mcp/testing';
import { base64url, SignJWT } from 'jose';
import { startSignIn, type TestSignIn } from '../../../test/tools/sign-in.js';
import { liveSchema } from '../../config/configuration.schema.js';
import { diagnoseToken } from './diagnose-token.js';
import { describeSteps, type Step } from './step.js';

const directory = 'aaaaaaaa-0000-4000-8000-000000000001';
const now = () => Math.floor(Date.now() / 1_000);
let issuer: FakeIssuer;
let auth0: FakeAuth0;
let entra: FakeEntra;
let corp: TestSignIn;
let input: Parameters<typeof diagnoseToken>[1];

beforeAll(async () => {
  [issuer, auth0, entra] = await Promise.all([FakeIssuer.start(), FakeAuth0.start(), FakeEntra.start()]);
  const providers = {
    corp: { preset: 'keycloak', issuer: issuer.url, audiences: ['gatehouse'] },
    auth0: { preset: 'auth0', issuer: auth0.issuer, audience: 'https://api.acme.example' },
    entra: { preset: 'entra', tenantId: directory, clientId: entra.appId, authority: entra.url, version1Issuer: `${entra.url}/sts` },
  };
  const tenants = { acme: { rules: [{ provider: 'corp', claim: 'tenant', equals: 'acme' }, { provider: 'entra' }, { provider: 'auth0' }] }, globex: { rules: [{ provider: 'corp', claim: 'tenant', equals: 'globex' }] } };
  corp = await startSignIn(providers, { tenants });
  input = { settings: liveSchema.parse({ providers, tenants }), publicUrls: ['https://mcp.acme.example'], signIn: corp.signIn, door: undefined };
});
afterAll(async () => {
  await Promise.all([corp.stop(), issuer.stop(), auth0.stop(), entra.stop()]);
});

const good = { sub: 'alice', aud: 'gatehouse', tenant: 'acme', scope: 'orders:read' };
const mint = (claims: object = {}) => issuer.mint({ ...good, ...claims });
const secretKey = base64url.decode('c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U');

/** Name, token, the step that fails (or is noted), and what the remedy must name. */
const wrong: readonly (readonly [name: string, token: () => Promise<string> | string, step: string, remedy: RegExp])[] = [
  ['wrong audience', () => mint({ aud: 'somebody-else' }), 'audience', /mapper "Audience".*Included Custom Audience gatehouse/],
  ['expired', () => mint({ exp: now() - 300 }), 'verification', /refresh token or sign in again/],
  ['ID token', () => mint({ at_hash: 'x' }), 'verification', /have it send the access token/],
  ['opaque', () => auth0.issueOpaqueToken(), 'provider', /no audience: have it send audience=https:\/\/api\.acme\.example/],
  ['wrong tenant', () => mint({ tenant: 'globex' }), 'tenant', /belongs to globex: use \/t\/globex\/mcp/],
  ['no tenant', () => mint({ tenant: undefined }), 'tenant', /put the claim into access tokens/],
  ['no scope', () => mint({ scope: undefined }), 'permissions', /have the client ask for scopes/],
  ['HS256', () => new SignJWT({ ...good, iss: issuer.url, exp: now() + 300 }).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secretKey), 'verification', /Access token signature algorithm to RS256/],
  ['unknown issuer', () => mint({ iss: 'https://evil.example' }), 'provider', /the token says https:\/\/evil\.example; the providers of this gateway are/],
  ['issuer with a slash too many', () => mint({ iss: `${issuer.url}/` }), 'provider', /compared character by character/],
  ['Entra v1/v2 mix', () => entra.mintUserToken({ tenant: directory, version: 2, claims: { ver: '1.0' } }), 'verification', /accessTokenAcceptedVersion/],
  ['Entra\'s token for Graph', () => entra.mintUserToken({ tenant: directory, version: 1, claims: { aud: '00000003-0000-0000-c000-000000000000' } }), 'audience', /Expose an API.*api:\/\/.*Microsoft Graph/],
  ['clock skew', () => mint({ iat: now() + 400, exp: now() + 900 }), 'verification', /synchronise this machine/],
];

describe('gatehouse doctor auth', () => {
  it.each(wrong)('explains: %s', async (title, token, failing, remedy) => {
    const text = await token();
    const steps = await diagnoseToken(text, { ...input, door: title === 'wrong tenant' ? 'acme' : undefined });
    const step = steps.find(({ name }) => name === failing);
    expect(step?.result).toBe(failing === 'permissions' ? 'note' : 'problem');
    expect(step?.remedy).toMatch(remedy);
    const shown = describeSteps(steps);
    for (const part of text.split('.').filter((each) => each.length > 8)) expect(shown).not.toContain(part);
  });

  it('says that a good token would be accepted, as whom and with what', async () => {
    const steps = await diagnoseToken(await mint(), input);
    expect(steps.filter(({ result }) => result !== 'ok')).toEqual([]);
    const found = Object.fromEntries(steps.map(({ name, found: text }: Step) => [name, text]));
    expect(found).toMatchObject({ provider: expect.stringContaining('corp (preset keycloak)'), verification: 'corp:alice, a user', tenant: 'acme', permissions: 'scopes orders:read; roles none' });
  });

  it('shows the audience of a token whose signature does not fit, too', async () => {
    const token = await mint({ aud: 'somebody-else' });
    const steps = await diagnoseToken(`${token.slice(0, -6)}AAAAAA`, input);
    expect(steps.filter(({ result }) => result === 'problem').map(({ name }) => name)).toEqual(['verification', 'audience']);
  });
});
