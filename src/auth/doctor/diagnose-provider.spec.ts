import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createIssuerFetch, Secret } from '@gatehouse-mcp/oauth';
import { FakeGithub, FakeIntrospection, FakeIssuer, findFreePort } from '@gatehouse-mcp/testing';
import { Agent } from 'undici';
import { providerSchema } from '../../config/provider.schema.js';
import { createProviderFetch } from '../provider.http.js';
import { diagnoseProvider } from './diagnose-provider.js';
import { describeSteps } from './step.js';

const agent = new Agent();
let issuer: FakeIssuer;
let introspection: FakeIntrospection;
let github: FakeGithub;

beforeAll(async () => {
  [issuer, introspection, github] = await Promise.all([FakeIssuer.start(), FakeIntrospection.start(), FakeGithub.start()]);
  introspection.registerClient({ id: 'gatehouse', secret: 'right-secret' });
  github.registerApp({ clientId: 'Iv1', clientSecret: 'right-secret', name: 'Gatehouse' });
});
afterAll(async () => {
  await Promise.all([agent.destroy(), issuer.stop(), introspection.stop(), github.stop()]);
});

async function diagnose(settings: object, secret = 'right-secret') {
  const steps = await diagnoseProvider({ id: 'corp', settings: providerSchema.parse(settings), resources: ['https://mcp.acme.example/mcp'], fetch: createProviderFetch('corp', createIssuerFetch(agent, 2_000)), secret: () => new Secret(secret) });
  const shown = describeSteps(steps);
  expect(shown).not.toContain(secret);
  return shown;
}

describe('gatehouse doctor provider', () => {
  it('finds what clients and Gatehouse need of an issuer, and says what is missing', async () => {
    const shown = await diagnose({ preset: 'oidc', issuer: issuer.url });
    expect(shown).toContain('keys: ');
    expect(shown).toContain('1 signing keys (RS256)');
    expect(shown).toMatch(/FAIL  metadata: .*names no authorization_endpoint/);
  });

  it('names the issuer that the metadata do not repeat, and an address where nobody is', async () => {
    expect(await diagnose({ preset: 'oidc', issuer: `${issuer.url}/realms/none` })).toMatch(/FAIL  metadata: .*answered 404[\s\S]*character by character/);
    expect(await diagnose({ preset: 'oidc', issuer: `http://127.0.0.1:${await findFreePort()}` })).toMatch(/FAIL  metadata: .*ECONNREFUSED/);
  });

  it('tries the client of introspection', async () => {
    const settings = { preset: 'introspection', issuer: introspection.issuer, clientId: 'gatehouse', clientSecret: 'env:S' };
    expect(await diagnose(settings)).toContain('believes our client');
    expect(await diagnose(settings, 'wrong-secret')).toMatch(/FAIL  introspection: .*status 401[\s\S]*check providers\.corp\.clientId and clientSecret/);
  });

  it('tries the OAuth app of GitHub', async () => {
    const settings = { preset: 'github', clientId: 'Iv1', clientSecret: 'env:S', apiUrl: github.apiUrl };
    expect(await diagnose(settings)).toContain(' ok   OAuth app');
    expect(await diagnose(settings, 'wrong-secret')).toMatch(/FAIL  OAuth app: GitHub answered 401[\s\S]*make a new client secret/);
  });
});
