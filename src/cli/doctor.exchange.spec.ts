import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeEntra, FakeIssuer } from '@gatehouse-mcp/testing';
import { startSignIn, type TestSignIn } from '../../test/tools/sign-in.js';
import { describeSteps, type Step } from '../auth/doctor/step.js';
import { liveSchema } from '../config/configuration.schema.js';
import { readEgress } from '../config/live-egress.js';
import { readSecrets } from '../config/live-secrets.js';
import { SecretReader } from '../config/secret-reference.js';
import { diagnoseExchange } from './doctor.exchange.js';

const directory = 'aaaaaaaa-0000-4000-8000-000000000001';
const secrets = { SECRET: 'gateway-secret-canary', WRONG: 'wrong-secret-canary' };
const exchange = { type: 'token-exchange', provider: 'corp', clientId: 'gatehouse', clientSecret: 'env:SECRET', audience: 'items-api' };
const obo = { type: 'entra-obo', provider: 'entra', clientSecret: 'env:SECRET', audience: 'api://items' };
let issuer: FakeIssuer;
let entra: FakeEntra;
let signIn: TestSignIn;
let providers: Record<string, object>;
const tenants = { acme: { rules: [{ provider: 'corp', claim: 'tenant', equals: 'acme' }, { provider: 'entra' }] }, globex: { rules: [{ provider: 'corp', claim: 'tenant', equals: 'globex' }] } };

beforeAll(async () => {
  [issuer, entra] = await Promise.all([FakeIssuer.start(), FakeEntra.start()]);
  entra.apps.set(entra.appId, secrets.SECRET);
  entra.onBehalfOf.resources.set('api://items', ['items:read']);
  providers = {
    corp: { preset: 'keycloak', issuer: issuer.url, audiences: ['gatehouse'] },
    entra: { preset: 'entra', tenantId: directory, clientId: entra.appId, authority: entra.url, version1Issuer: `${entra.url}/sts` },
  };
  signIn = await startSignIn(providers, { tenants });
});
afterAll(() => Promise.all([signIn.stop(), issuer.stop(), entra.stop()]));
afterEach(() => {
  issuer.fixed.clear();
  entra.onBehalfOf.refusal = undefined;
});

/** The steps for a caller of an API with this chain; they hold no token and no secret. */
const diagnose = (token: string, ...credentials: readonly object[]): Promise<readonly Step[]> => diagnoseWith({}, token, ...credentials);

/** The same with more of a configuration. */
async function diagnoseWith(more: object, token: string, ...credentials: readonly object[]): Promise<readonly Step[]> {
  const settings = liveSchema.parse({ ...more, providers, tenants, apis: [{ name: 'items', tenant: 'acme', openapi: 'file:./items.json', credentials }], egress: { allow: ['127.0.0.1'] } });
  const steps = await diagnoseExchange(token, {
    settings,
    publicUrls: ['https://mcp.acme.example'],
    signIn: signIn.signIn,
    secrets: readSecrets(settings, new SecretReader('.', secrets)),
    egress: readEgress(settings, new SecretReader('.', secrets)),
    api: settings.apis[0]!,
    heldScopes: ({ scopes }) => [...scopes],
  });
  const shown = describeSteps(steps);
  for (const hidden of [...Object.values(secrets), token, token.split('.')[1]!, token.split('.')[2]!]) expect(shown).not.toContain(hidden);
  return steps;
}
const user = (claims: object = {}) => issuer.mint({ sub: 'alice', tenant: 'acme', aud: 'gatehouse', scope: 'items:read', ...claims });
const refuse = (status: number, error: string, description?: string) =>
  issuer.fixed.set('/token', { status, body: JSON.stringify({ error, ...(description === undefined ? {} : { error_description: description }) }) });
const stepOf = (steps: readonly Step[], name: string) => steps.find((step) => step.name === name);

describe('gatehouse doctor exchange', () => {
  it('shows which link applies, what is sent and what comes back', async () => {
    const steps = await diagnose(await user(), { type: 'none', when: 'machine' }, { ...exchange, when: 'user' });
    expect(stepOf(steps, 'link')?.found).toBe('apis[0].credentials[1], token-exchange: the first with when: user; the caller is a user');
    const request = steps.findLast(({ name }) => name === 'request')?.found;
    expect(request).toContain(`POST ${issuer.url}/token as gatehouse (Basic)`);
    expect(request).toMatch(/subject_token=\(\d+ characters, not shown\).* audience=items-api scope=items:read/);
    const answer = steps.findLast(({ name }) => name === 'answer')?.found;
    expect(answer).toContain('200 access_token=(not shown) token_type=Bearer');
    expect(steps.at(-1)).toMatchObject({ name: 'credential', result: 'ok', found: 'calls carry it in the header authorization, scopes items:read; the audit names gatehouse as the actor' });
  });

  it('shows a token that is not verified to nobody', async () => {
    const before = issuer.fetches.get('/token');
    const steps = await diagnose(await user({ aud: 'somebody-else' }), exchange);
    expect(stepOf(steps, 'audience')?.result).toBe('problem');
    expect(stepOf(steps, 'link')).toBeUndefined();
    expect(issuer.fetches.get('/token')).toBe(before);
  });

  it('takes a token for the address of all tenants, and none of another tenant', async () => {
    expect((await diagnose(await user({ aud: 'https://mcp.acme.example/mcp' }), exchange)).at(-1)).toMatchObject({ name: 'credential', result: 'ok' });
    const before = issuer.fetches.get('/token');
    const steps = await diagnose(await user({ tenant: 'globex' }), exchange);
    expect(stepOf(steps, 'tenant')).toMatchObject({ result: 'problem', found: 'globex' });
    expect(stepOf(steps, 'link')).toBeUndefined();
    expect(issuer.fetches.get('/token')).toBe(before);
  });

  it('says what a machine lacks before anybody is asked', async () => {
    const token = await user({ sub: 'robot', client_id: 'robot' });
    expect(stepOf(await diagnose(token, { ...exchange, when: 'user' }), 'link')).toMatchObject({ result: 'problem', remedy: expect.stringContaining('when: machine') });
    const steps = await diagnose(token, { ...exchange, type: 'jwt-bearer', audience: undefined });
    expect(stepOf(steps, 'request')).toBeUndefined();
    expect(steps.at(-1)).toMatchObject({ result: 'problem', remedy: expect.stringContaining('when: machine') });
  });

  it('goes on to the next link where one has nothing and leaves it to that, and says when none is left', async () => {
    issuer.fixed.set('/api/credentials/alice/items', { status: 404, body: '' });
    const resolver = { type: 'resolver', baseUrl: issuer.url, service: 'items', serviceToken: 'env:SECRET', missing: 'continue' };
    const steps = await diagnose(await user(), resolver, exchange);
    expect(steps.filter(({ name }) => name === 'link').map(({ found }) => found.split(':')[0])).toEqual(['apis[0].credentials[0], resolver', 'apis[0].credentials[1], token-exchange']);
    expect(stepOf(steps, 'credential')).toMatchObject({ result: 'note', found: 'it has nothing for the caller, and leaves it to the next link' });
    expect(steps.at(-1)).toMatchObject({ name: 'credential', result: 'ok' });
    expect((await diagnose(await user(), resolver)).at(-1)).toMatchObject({ result: 'problem', found: 'nothing that API "items" declares has a credential for the caller' });
  });

  it.each<[number, string, string | undefined, RegExp]>([
    [400, 'invalid_request', 'Client is not within the token audience', /client gatehouse into the aud .*Included Client Audience/],
    [400, 'invalid_request', 'Standard token exchange is not enabled for the requested client', /Standard Token Exchange: On/],
    [400, 'invalid_request', 'Requested audience not available: items-api', /leads to the audience items-api/],
    [403, 'access_denied', 'Client not allowed to exchange', /client gatehouse may not exchange/],
    [400, 'invalid_grant', undefined, /its session has ended/],
    [401, 'invalid_client', undefined, /apis\[0\]\.credentials\[0\]\.clientAuthentication: client_secret_post/],
    [400, 'invalid_target', undefined, /issues no tokens for items-api/],
    [400, 'unauthorized_client', undefined, /may not use this grant/],
    [503, 'x', undefined, /must be reachable from here/],
  ])('explains %i %s %s', async (status, error, description, remedy) => {
    refuse(status, error, description);
    expect((await diagnose(await user(), exchange)).at(-1)).toMatchObject({ name: 'credential', result: 'problem', remedy: expect.stringMatching(remedy) });
  });

  it.each<[string, object, Record<string, unknown>, 'consent' | 'mfa' | 'mfaEnrolment' | undefined, RegExp]>([
    ['AADSTS65001', {}, {}, 'consent', /Grant admin consent/],
    ['AADSTS50013', {}, { aud: 'https://mcp.acme.example/t/acme/mcp' }, undefined, /the assertion must be for the gateway's own app/],
    ['AADSTS500011', { audience: 'api://unknown' }, {}, undefined, /compare apis\[0\]\.credentials\[0\]\.audience with .*Expose an API/],
    ['AADSTS7000215', { clientSecret: 'env:WRONG' }, {}, undefined, /the secret's Value and not its Secret ID/],
    ['AADSTS50076', {}, {}, 'mfa', /conditional access.*claims challenge/],
    ['AADSTS50079', {}, {}, 'mfaEnrolment', /conditional access.*claims challenge/],
    ['AADSTS70011', { audience: undefined, scope: 'api://items/items:read' }, {}, undefined, /APPLICATION-ID-URI\/\.default/],
  ])('explains %s', async (code, more, claims, refusal, remedy) => {
    entra.onBehalfOf.refusal = refusal;
    const token = await entra.mintUserToken({ tenant: directory, version: 2, claims: { scp: 'items:read', ...claims } });
    const last = (await diagnose(token, { ...obo, ...more })).at(-1);
    expect(last?.found).toContain(code);
    expect(last).toMatchObject({ result: 'problem', remedy: expect.stringMatching(remedy) });
  });

  it.each<[string, number, string, RegExp]>([
    ['a platform that does not know the gateway', 401, '{}', /compare apis\[0\]\.credentials\[0\]\.serviceToken/],
    ['a platform that has nothing', 404, '{}', /compare apis\[0\]\.credentials\[0\]\.service and/],
    ['a platform of another protocol', 200, '{"token":"answer-canary"}', /answers in another format/],
  ])('explains %s', async (_, status, body, remedy) => {
    issuer.fixed.set('/api/credentials/alice/tickets', { status, body });
    const steps = await diagnose(await user(), { type: 'resolver', baseUrl: issuer.url, service: 'tickets', serviceToken: 'env:SECRET' });
    expect(steps.at(-1)).toMatchObject({ name: 'credential', result: 'problem', remedy: expect.stringMatching(remedy) });
    expect(describeSteps(steps)).not.toContain('canary');
  });

  it('says where it is seen what a user connected, which no token tells', async () => {
    const more = {
      connections: [{ name: 'tracker', tenant: 'acme', type: 'oauth', issuer: issuer.url, clientId: 'there' }],
      vault: { keys: ['env:SECRET'] },
    };
    const steps = await diagnoseWith(more, await user(), { type: 'vault', when: 'user', connection: 'tracker' });
    expect(steps.at(-1)).toMatchObject({ name: 'credential', result: 'note', remedy: expect.stringContaining('gatehouse connections list --user') });
  });

  it('explains AADSTS90002', async () => {
    const path = `/${directory}/oauth2/v2.0/token`;
    entra.fixed.set(path, { status: 400, body: JSON.stringify({ error: 'invalid_request', error_description: `AADSTS90002: Tenant '${directory}' not found.` }) });
    const last = (await diagnose(await entra.mintUserToken({ tenant: directory, version: 2 }), obo)).at(-1);
    entra.fixed.clear();
    expect(last?.remedy).toMatch(/compare tenantId and authority/);
  });
});
