import { FakeAuth0, FakeEntra, FakeGithub, FakeGoogle, FakeIntrospection, FakeOkta } from '@gatehouse-mcp/testing';
import { GATEWAY_SECRET, startGateway, type TestGateway } from './gateway.js';

export const DIRECTORY = '11111111-2222-4333-8444-555555555555';
export const HMAC_KEY = 'an hmac key of more than 32 characters';

/** A gateway of one tenant, acme, with a provider of each kind; opaque tokens of no other beginning are `opaque`'s. */
export interface EveryProvider {
  readonly gateway: TestGateway;
  readonly entra: FakeEntra;
  readonly auth0: FakeAuth0;
  readonly okta: FakeOkta;
  readonly google: FakeGoogle;
  readonly github: FakeGithub;
  readonly introspection: FakeIntrospection;
  /** The HTTP status of tools/list with this token. */
  statusOf(token: string, path?: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startEveryProvider(): Promise<EveryProvider> {
  const [entra, auth0, okta, google, github, introspection] = await Promise.all([FakeEntra.start(), FakeAuth0.start(), FakeOkta.start(), FakeGoogle.start(), FakeGithub.start(), FakeIntrospection.start()]);
  const fakes = [entra, auth0, okta, google, github, introspection];
  introspection.registerClient({ id: 'gatehouse', secret: GATEWAY_SECRET });
  github.registerApp({ clientId: 'ours', clientSecret: GATEWAY_SECRET, name: 'Gatehouse' });
  github.registerApp({ clientId: 'theirs', clientSecret: 'x', name: 'Another app' });
  const gateway = await startGateway({
    tenants: ['acme'],
    secrets: { HMAC_KEY },
    change: (settings) => {
      const providers: Record<string, object> = {
        ...(settings['providers'] as Record<string, object>),
        entra: { preset: 'entra', tenantId: DIRECTORY, clientId: entra.appId, authority: entra.url, version1Issuer: `${entra.url}/sts` },
        auth0: { preset: 'auth0', issuer: auth0.issuer, audience: 'https://api.acme.example' },
        okta: { preset: 'okta', issuer: okta.issuer, audience: 'api://default' },
        google: { preset: 'google', clientId: 'ours.apps', jwksUri: google.jwksUri, tokeninfoEndpoint: google.tokenInfoEndpoint, userinfoEndpoint: google.userInfoEndpoint },
        github: { preset: 'github', clientId: 'ours', clientSecret: 'env:GATEHOUSE_SECRET', apiUrl: github.apiUrl },
        opaque: { preset: 'introspection', issuer: introspection.issuer, clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET', audiences: ['gatehouse'] },
        keys: { preset: 'apiKey', hmacKey: 'env:HMAC_KEY' },
      };
      settings['providers'] = providers;
      settings['tenants'] = { acme: { rules: Object.keys(providers).map((provider) => ({ provider })) } };
      (settings['egress'] as { allow: string[] }).allow.push(...fakes.map(({ host }) => host));
    },
  });
  return {
    gateway,
    entra,
    auth0,
    okta,
    google,
    github,
    introspection,
    statusOf: async (token, path = '/mcp') => {
      const response = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token, path });
      await response.body?.cancel();
      return response.status;
    },
    stop: async () => {
      await gateway.stop();
      await Promise.all(fakes.map((fake) => fake.stop()));
    },
  };
}
