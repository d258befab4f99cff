import { describe, expect, it } from '@jest/globals';
import { dump } from 'js-yaml';
import { ConfigurationError } from './configuration.error.js';
import { parseConfiguration } from './configuration.file.js';
import { startNotices } from './sign-in.checks.js';

const corp = { preset: 'oidc', issuer: 'https://idp.example' };
const introspection = { preset: 'introspection', introspectionEndpoint: 'https://idp.example/introspect', clientId: 'g', clientSecret: 'env:S' };

function parse(providers: object, { rules = Object.keys(providers).map((provider) => ({ provider })), environment = 'production' }: { rules?: object[]; environment?: string } = {}) {
  const settings = { environment, publicUrls: ['https://mcp.acme.example'], database: { url: 'env:DATABASE_URL' }, providers, tenants: { acme: { rules } } };
  return parseConfiguration(dump(settings), 'gatehouse.yaml');
}

function problemsOf(...parameters: Parameters<typeof parse>): string[] {
  try {
    parse(...parameters);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe('the providers of gatehouse.yaml', () => {
  it.each([
    ['auth0', { preset: 'auth0', domain: 'acme.eu.auth0.com', audience: 'https://api.acme.example' }],
    ['okta', { preset: 'okta', domain: 'acme.okta.com', audience: 'api://default' }],
    ['keycloak', { preset: 'keycloak', issuer: 'https://sso.acme.example/realms/acme' }],
    ['entra', { preset: 'entra', tenantId: '0f2c0000-0000-4000-8000-00000000aaaa', clientId: '0f2c0000-0000-4000-8000-00000000bbbb' }],
    ['google', { preset: 'google', clientId: 'x.apps.googleusercontent.com' }],
    ['github', { preset: 'github', clientId: 'Iv1.x', clientSecret: 'env:GITHUB_SECRET' }],
  ])('need only what the console of %s shows', (id, provider) => {
    expect(problemsOf({ [id]: provider })).toEqual([]);
  });

  it.each([
    ['google without a client id', { google: { preset: 'google' } }, 'providers.google.clientId: is missing'],
    ['auth0 without a domain', { auth0: { preset: 'auth0', audience: 'x' } }, 'providers.auth0.domain: is missing'],
    ['auth0 with a URL for a domain', { auth0: { preset: 'auth0', domain: 'https://acme.auth0.com/', audience: 'x' } }, 'providers.auth0.domain: must be a domain name without https://'],
    ['entra for everybody', { entra: { preset: 'entra', tenantId: 'common', clientId: '0f2c0000-0000-4000-8000-00000000bbbb' } }, 'providers.entra.tenantId: must be a GUID'],
    ['github with half an app', { github: { preset: 'github', clientId: 'x' } }, 'providers.github.clientSecret: is missing'],
    ['introspection without a way', { i: { preset: 'introspection', clientId: 'g', clientSecret: 'env:S' } }, 'providers.i.introspectionEndpoint: is missing'],
    ['introspection without a proof', { i: { preset: 'introspection', issuer: 'https://i.example', clientId: 'g' } }, 'providers.i.clientSecret: give either clientSecret or privateKey'],
    ['a secret in the file', { i: { ...introspection, clientSecret: 'hunter2' } }, 'providers.i.clientSecret: must be a reference'],
    ['an unknown preset', { x: { preset: 'okda' } }, 'providers.x.preset'],
    ['an unknown key', { corp: { ...corp, audience: 'x' } }, 'providers.corp.audience: unknown key'],
    ['HMAC algorithms', { corp: { ...corp, algorithms: ['HS256'] } }, 'providers.corp.algorithms[0]'],
    ['a cache for too long', { corp: { ...corp, cacheFor: '1h' } }, 'providers.corp.cacheFor: must be 10m or shorter'],
    ['one issuer twice', { a: corp, b: { preset: 'keycloak', issuer: corp.issuer } }, 'providers.b.issuer: is already the issuer of provider "a"'],
    ['opaque tokens that look alike in one tenant', { a: introspection, b: { ...introspection, clientId: 'h' } }, 'tenants.acme.rules: name the providers "a" and "b", whose opaque tokens look alike'],
    ['a key of a tenant that is none', { k: { preset: 'apiKey', staticKeys: [{ name: 'ci', key: 'env:K', tenant: 'nobody' }] } }, 'providers.k.staticKeys[0].tenant: names tenant "nobody"'],
  ])('refuse %s', (_, providers, problem) => {
    expect(problemsOf(providers).join('\n')).toContain(problem);
  });

  it.each([
    ['the development identity', { dev: { preset: 'environment', subject: 'dev' } }, 'providers.dev: gives everybody who reaches the gateway the configured identity'],
    ['any GitHub app', { github: { preset: 'github' } }, 'providers.github: accepts tokens of every GitHub OAuth app: give clientId and clientSecret'],
  ])('refuse %s in production, and warn of it in development', (_, providers, problem) => {
    expect(problemsOf(providers).join('\n')).toContain(problem);
    const settings = parse(providers, { environment: 'development' });
    expect(startNotices(settings).join('\n')).toContain(problem.replace(': ', ' '));
  });

  it('take any GitHub app in production where the operator says so, with a warning at each start', () => {
    const settings = parse({ github: { preset: 'github', dangerouslyAcceptAnyGithubApp: true } });
    expect(startNotices(settings)[0]).toContain('accepts tokens of every GitHub OAuth app');
  });

  it('warn where everybody with an account somewhere belongs to a tenant', () => {
    const google = { google: { preset: 'google', clientId: 'x' } };
    expect(startNotices(parse(google))[0]).toContain('tenants.acme takes everybody with an account at provider "google"');
    expect(startNotices(parse(google, { rules: [{ provider: 'google', emailDomains: ['acme.example'] }] }))).toEqual([]);
    expect(startNotices(parse({ google: { ...google.google, hostedDomains: ['acme.example'] } }))).toEqual([]);
  });
});
