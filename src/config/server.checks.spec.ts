import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration.error.js';
import { parseConfiguration } from './configuration.file.js';

const parse = (rest: string, environment = 'production') =>
  parseConfiguration(
    `
publicUrls: [https://mcp.acme.example]
environment: ${environment}
database: { url: "env:X" }
providers: { corp: { preset: oidc, issuer: "https://idp.example" } }
tenants: { acme: { rules: [{ provider: corp }] }, globex: {} }
apis: [{ name: orders, tenant: acme, openapi: "file:./a.json", credentials: [{ type: none }] }]
${rest}`,
    'gatehouse.yaml',
  );

function problemOf(rest: string, environment?: string): string {
  try {
    parse(rest, environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return '';
}

const wiki = 'name: wiki, tenant: acme, url: "https://wiki.example/mcp", credentials: [{ type: none }]';

describe('servers', () => {
  it('need a name, a tenant, a URL and credentials, and look again every 15 minutes', () => {
    expect(parse(`servers: [{ ${wiki} }]`).servers).toEqual([
      { name: 'wiki', tenant: 'acme', url: 'https://wiki.example/mcp', refresh: 900_000, approval: 'breaking', scopes: {}, results: { maxTokens: 25_000 }, timeout: 30_000, credentials: [{ type: 'none' }] },
    ]);
    expect(parse('').servers).toEqual([]);
  });

  it.each([
    [`{ ${wiki} }, { ${wiki} }`, 'servers[1].name: tenant "acme" already has a server named "wiki"'],
    [`{ ${wiki.replace('wiki', 'orders')} }`, 'servers[0].name: tenant "acme" already has an API named "orders"'],
    [`{ ${wiki.replace('acme', 'nobody')} }`, 'servers[0].tenant: names tenant "nobody"'],
    [`{ ${wiki}, more: 1 }`, 'servers[0].more: unknown key'],
    [`{ ${wiki}, refresh: 10s }`, 'servers[0].refresh: must be 1m or longer'],
    [`{ ${wiki.replace('https://wiki.example/mcp', 'file:///etc/passwd')} }`, 'servers[0].url: must be an http or https URL'],
    [`{ ${wiki}, discovery: { type: token-exchange } }`, 'servers[0].discovery.type'],
    [`{ ${wiki}, discovery: { type: client-credentials, provider: none, clientId: x, clientSecret: "env:S" } }`, 'servers[0].discovery.provider: names provider "none"'],
    [`{ ${wiki}, discovery: { type: api-key, in: header, name: Host, value: "env:S" } }`, 'servers[0].discovery.name: is a header that cannot carry a key'],
    [`{ ${wiki.replace('type: none', 'type: vault, when: user, connection: x')} }`, 'servers[0].credentials[0].connection: names connection "x"'],
  ])('are refused with what is wrong: %s', (servers, problem) => {
    expect(problemOf(`servers: [${servers}]`)).toContain(problem);
  });

  it.each(['production', 'development'])('start no programs in %s, and say so', (environment) => {
    const problem = problemOf(`servers: [{ name: wiki, tenant: acme, command: "npx evil", credentials: [{ type: none }] }]`, environment);
    expect(problem).toContain('servers[0].command: is not offered: Gatehouse starts no programs, in production or elsewhere');
    expect(problem).not.toContain('evil');
  });
});
