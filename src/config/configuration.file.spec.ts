import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration.error.js';
import { loadConfiguration, parseConfiguration } from './configuration.file.js';
import { SecretReader } from './secret-reference.js';

const valid = `
publicUrls: [https://mcp.acme.example]
database: { url: "env:DATABASE_URL" }
providers:
  corp: { preset: keycloak, issuer: "https://sso.acme.example/realms/acme" }
tenants:
  acme: { rules: [{ provider: corp }] }
apis:
  - name: orders
    tenant: acme
    openapi: file:./orders.json
    baseUrl: https://orders.acme.example
    credentials:
      - { type: token-exchange, provider: corp, clientId: gatehouse, clientSecret: "env:S", audience: orders-api }
`;

/** The problems as lines, path first. */
function problemsOf(text: string): string[] {
  try {
    parseConfiguration(text, 'gatehouse.yaml');
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe('gatehouse.yaml', () => {
  it('is read with its defaults: production, and limits that are on', () => {
    const settings = parseConfiguration(valid, 'gatehouse.yaml');
    expect(settings.environment).toBe('production');
    expect(settings.limits.perCaller).toEqual({ requests: 600, window: 60_000 });
    expect(settings.providers['corp']).toMatchObject({ algorithms: ['RS256', 'ES256'], cacheFor: 60_000 });
  });

  it.each([
    ['', 'the file is empty'],
    ['# only a comment\n', 'the file is empty'],
    ['- a\n- b\n', 'must be a mapping'],
    ['just text', 'must be a mapping'],
    ['a: [1, 2\nb: {', 'not valid YAML at line'],
    ['a: 1\na: 2', 'not valid YAML at line 2'],
  ])('that is broken is refused in one clear line: %j', (text, message) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(message)]);
  });

  it('is refused with every problem at once, each with its path and never with a value', () => {
    const text = valid
      .replace('preset: keycloak', 'preset: secret-canary')
      .replace('tenant: acme\n', 'tenant: nobody\n')
      .replace('env:S', 'secret-canary')
      .replace('https://orders.acme.example', 'secret-canary')
      .concat('limts: {}\nlisten: { prot: 1 }\n');
    const problems = problemsOf(text);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^providers\.corp\.preset: .*oidc.*keycloak/),
        expect.stringMatching(/^apis\[0\]\.baseUrl: must be an http or https URL/),
        expect.stringMatching(/^apis\[0\]\.credentials\[0\]\.clientSecret: must be a reference, env:NAME or file:PATH/),
        'limts: unknown key',
        'listen.prot: unknown key',
      ]),
    );
    expect(problems.join()).not.toContain('secret-canary');
  });

  it('is refused when it names what it does not define', () => {
    expect(problemsOf(valid.replace('tenant: acme\n', 'tenant: nobody\n'))).toEqual([expect.stringContaining('apis[0].tenant: names tenant "nobody"')]);
    expect(problemsOf(valid.replace('tenant: acme\n', 'tenant: constructor\n'))).toEqual([expect.stringContaining('apis[0].tenant: names tenant "constructor"')]);
    expect(problemsOf(valid.replace('[{ provider: corp }]', '[{ provider: other }]'))).toEqual([expect.stringContaining('tenants.acme.rules[0].provider: names provider "other"')]);
  });

  it('says what is missing', () => {
    expect(problemsOf('publicUrls: [https://mcp.acme.example]')).toEqual(expect.arrayContaining([expect.stringMatching(/^providers: is missing/), expect.stringMatching(/^tenants: is missing/), expect.stringMatching(/^database: is missing/)]));
    expect(problemsOf(valid.replace('url: "env:DATABASE_URL"', ''))).toEqual([expect.stringContaining('database.url: is missing')]);
  });

  it('keeps the embedded database out of production', () => {
    const embedded = valid.replace('{ url: "env:DATABASE_URL" }', '{ embedded: true }');
    expect(problemsOf(embedded)).toEqual([expect.stringContaining('database.embedded: is for development')]);
    expect(problemsOf(`${embedded}environment: development\n`)).toEqual([]);
  });

  it.each([
    ['https://mcp.acme.example/', 'trailing slash'],
    ['https://MCP.acme.example', 'lower case'],
    ['https://mcp.acme.example/path', 'no path'],
    ['ftp://mcp.acme.example', 'must be an origin'],
  ])('takes public URLs exactly: %s', (url, message) => {
    expect(problemsOf(valid.replace('https://mcp.acme.example', url))).toEqual([expect.stringContaining(message)]);
  });
});

describe('the environment', () => {
  it('overrides single settings, secrets still as references', () => {
    const settings = parseConfiguration(valid, 'gatehouse.yaml', {
      GATEHOUSE_LISTEN_PORT: '8080',
      GATEHOUSE_PUBLIC_URLS: 'https://a.example, https://b.example',
      GATEHOUSE_DATABASE_URL: 'postgresql://u:secret-canary@h/d',
    });
    expect(settings.listen.port).toBe(8080);
    expect(settings.publicUrls).toEqual(['https://a.example', 'https://b.example']);
    expect(settings.database.url).toBe('env:GATEHOUSE_DATABASE_URL');
    expect(JSON.stringify(settings)).not.toContain('secret-canary');
  });

  it('is validated like the file', () => {
    expect(() => parseConfiguration(valid, 'gatehouse.yaml', { GATEHOUSE_LISTEN_PORT: 'eighty' })).toThrow(/listen\.port/);
  });
});

describe('a configuration file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-configuration-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('that is missing is one clear line', () => {
    expect(() => loadConfiguration(join(folder, 'nothing.yaml'), {})).toThrow(/the file cannot be read \(ENOENT\)/);
  });

  it('is frozen through and through', () => {
    const file = join(folder, 'gatehouse.yaml');
    writeFileSync(file, valid);
    const { settings } = loadConfiguration(file, {});
    expect(() => Object.assign(settings.limits.perCaller, { requests: 1 })).toThrow(TypeError);
  });

  it('gives secrets by reference, relative to its folder, and names the setting when there is none', () => {
    writeFileSync(join(folder, 'secret.txt'), 'from-file\n');
    const reader = new SecretReader(folder, { NAME: 'from-environment' });
    expect(reader.read('env:NAME', 'x').reveal()).toBe('from-environment');
    expect(reader.read('file:secret.txt', 'x').reveal()).toBe('from-file');
    expect(() => reader.read('env:OTHER', 'database.url')).toThrow(/database\.url: environment variable OTHER is not set/);
    expect(String(reader.read('env:NAME', 'x')) + JSON.stringify(reader.read('env:NAME', 'x'))).not.toContain('from-environment');
  });
});
