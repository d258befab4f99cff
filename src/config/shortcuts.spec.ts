import { describe, expect, it } from '@jest/globals';
import { loadConfiguration, parseConfiguration } from './configuration.file.js';
import { describeEffective } from './effective.js';
import type { Environment } from './environment.js';

const base = { MCP_HTTP_DATABASE_CONNECTION_STRING: 'postgresql://postgres:hunter2@db/app' };
const load = (environment: Environment) => loadConfiguration(undefined, { ...base, ...environment }).settings;

describe('environment variables alone', () => {
  it('make a whole configuration: Google, Auth0, GitHub and a key, one tenant, local addresses, production', () => {
    const settings = load({
      MCP_HTTP_GOOGLE_CLIENT_ID: 'x.apps', MCP_HTTP_GOOGLE_CLIENT_SECRET: 's', MCP_HTTP_AUTH0_DOMAIN: 'acme.auth0.com', MCP_HTTP_AUTH0_AUDIENCE: 'api',
      MCP_HTTP_GITHUB_ENABLED: 'true', MCP_HTTP_GITHUB_CLIENT_ID: 'Iv1', MCP_HTTP_GITHUB_CLIENT_SECRET: 's', MCP_HTTP_API_KEY: 'k'.repeat(40),
    });
    expect(settings).toMatchObject({
      environment: 'production',
      publicUrls: ['http://localhost:3232', 'http://127.0.0.1:3232'],
      database: { connectionString: 'env:MCP_HTTP_DATABASE_CONNECTION_STRING', embedded: false },
      providers: {
        google: { preset: 'google', clientId: 'x.apps', clientSecret: 'env:MCP_HTTP_GOOGLE_CLIENT_SECRET' },
        auth0: { preset: 'auth0', domain: 'acme.auth0.com', audience: 'api' },
        github: { preset: 'github', clientId: 'Iv1' },
        'api-key': { preset: 'apiKey', staticKeys: [{ key: 'env:MCP_HTTP_API_KEY', tenant: 'default' }] },
      },
      tenants: { default: { rules: [{ provider: 'google' }, { provider: 'auth0' }, { provider: 'github' }] } },
    });
  });

  it('use the embedded database in development only', () => {
    const environment = { MCP_HTTP_AUTH0_DOMAIN: 'a.auth0.com', MCP_HTTP_AUTH0_AUDIENCE: 'api' };
    expect(loadConfiguration(undefined, { ...environment, MCP_HTTP_ENVIRONMENT: 'development' }).settings.database.embedded).toBe(true);
    expect(() => loadConfiguration(undefined, environment)).toThrow(/database\.url: is missing/);
  });

  it.each([
    [{ MCP_HTTP_AUTH0_DOMAIN: 'acme.auth0.com' }, /providers\.auth0\.audience: is missing/],
    [{ MCP_HTTP_GITHUB_ENABLED: 'true' }, /providers\.github: accepts tokens of every GitHub OAuth app/],
    [{ MCP_HTTP_GITHUB_ENABLED: 'true', MCP_HTTP_GITHUB_CLIENT_ID: 'x' }, /providers\.github\.clientSecret: is missing/],
    [{ GATEHOUSE_DEV_SUBJECT: 'dev' }, /providers\.development: gives everybody/],
    [{ MCP_HTTP_API_KEY: 'x', MCP_HTTP_ENVIRONMENT: 'prod' }, /environment:/],
  ])('that leave something out say what: %j', (environment, message) => {
    expect(() => load(environment)).toThrow(message);
  });

  it('accept the GitHub flag alone in development, and any app where it is said', () => {
    expect(load({ MCP_HTTP_GITHUB_ENABLED: '1', MCP_HTTP_ENVIRONMENT: 'development' }).providers['github']).toMatchObject({ dangerouslyAcceptAnyGithubApp: false });
    expect(load({ MCP_HTTP_GITHUB_ENABLED: '1', MCP_HTTP_GITHUB_DANGEROUSLY_ACCEPT_ANY_APP: 'true' }).providers['github']).toMatchObject({ dangerouslyAcceptAnyGithubApp: true });
  });

  it('add to a file and replace nothing of it', () => {
    const file = `
publicUrls: [https://mcp.acme.example]
database: { url: env:DATABASE_URL }
providers: { google: { preset: google, clientId: files } }
tenants: { acme: { rules: [{ provider: google, emailDomains: [acme.example] }] } }
`;
    const settings = parseConfiguration(file, 'gatehouse.yaml', { ...base, MCP_HTTP_GOOGLE_CLIENT_ID: 'other', MCP_HTTP_AUTH0_DOMAIN: 'a.auth0.com', MCP_HTTP_AUTH0_AUDIENCE: 'api', MCP_HTTP_ENVIRONMENT: 'development' });
    expect(settings.providers).toMatchObject({ google: { clientId: 'files' }, auth0: { domain: 'a.auth0.com' } });
    expect(Object.keys(settings.tenants)).toEqual(['acme']);
    expect(settings.database).toEqual({ url: 'env:DATABASE_URL', embedded: false });
  });

  it('are shown with every default and no secret', () => {
    const shown = describeEffective(load({ MCP_HTTP_API_KEY: 'a-secret-key-that-must-not-be-shown', MCP_HTTP_GITHUB_ENABLED: '1', MCP_HTTP_GITHUB_CLIENT_ID: 'x', MCP_HTTP_GITHUB_CLIENT_SECRET: 'hush-hush' }));
    expect(shown).toContain('key: env:MCP_HTTP_API_KEY (not shown)');
    expect(shown).toContain('cacheFor: 60000');
    for (const secret of ['hunter2', 'must-not-be-shown', 'hush-hush']) expect(shown).not.toContain(secret);
  });
});
