import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findFreePort } from '@gatehouse-mcp/testing';
import type { DatabaseUrls } from '../../src/database/database-urls.js';
import { startTestDatabase } from '../tools/postgres.js';
import { runGatehouse, serveGatehouse } from '../tools/served.process.js';

let database: Awaited<ReturnType<typeof startTestDatabase>>;
let cwd: string;
const apiKey = 'a-key-of-a-ci-job-with-more-than-32-characters';

beforeAll(async () => {
  [database, cwd] = await Promise.all([startTestDatabase(), mkdtemp(join(tmpdir(), 'gatehouse-zero-'))]);
});
afterAll(async () => {
  await database.stop();
  await rm(cwd, { recursive: true, force: true });
});

const connectionString = (urls: DatabaseUrls) => urls.adminUrl?.reveal() ?? '';
const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
const post = (url: string, headers: Record<string, string>) =>
  fetch(`${url}/mcp`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers }, body: JSON.stringify(listTools) });

describe('gatehouse with nothing but environment variables', () => {
  it('serves in production with a database: sign-in at Google and Auth0, and a key', async () => {
    const port = await findFreePort();
    const url = `http://localhost:${port}`;
    const environment = {
      MCP_HTTP_GOOGLE_CLIENT_ID: 'x.apps.googleusercontent.com',
      MCP_HTTP_AUTH0_DOMAIN: 'acme.eu.auth0.com',
      MCP_HTTP_AUTH0_AUDIENCE: 'https://api.acme.example',
      MCP_HTTP_API_KEY: apiKey,
      MCP_HTTP_ENVIRONMENT: 'production',
      MCP_HTTP_DATABASE_CONNECTION_STRING: connectionString(database.urls),
      GATEHOUSE_LISTEN_PORT: String(port),
      GATEHOUSE_LISTEN_HOST: 'localhost',
    };
    const gateway = await serveGatehouse([], { cwd, environment, url });
    try {
      const metadata: unknown = await (await fetch(`${url}/.well-known/oauth-protected-resource/mcp`)).json();
      expect(metadata).toMatchObject({ resource: `${url}/mcp`, authorization_servers: expect.arrayContaining(['https://accounts.google.com', 'https://acme.eu.auth0.com/']) });
      expect((await post(url, {})).status).toBe(401);
      expect((await post(url, { 'x-api-key': `${apiKey}x` })).status).toBe(401);
      for (const credential of [{ 'x-api-key': apiKey }, { authorization: `Bearer ${apiKey}` }]) {
        const answer = await post(url, credential);
        expect(answer.status).toBe(200);
        expect(await answer.json()).toMatchObject({ result: { tools: [] } });
      }
    } finally {
      const { code, stdout, stderr } = await gateway.stop();
      expect(code).toBe(0);
      expect(stderr).toContain('warning: tenants.default takes everybody with an account at provider "google"');
      for (const secret of [apiKey, new URL(connectionString(database.urls)).password]) expect(stdout + stderr).not.toContain(secret);
    }
    // The runtime login is one of its own, which owns nothing and may do nothing by itself.
    const checked = await runGatehouse(['check'], { cwd, environment });
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining('key: env:MCP_HTTP_API_KEY (not shown)') });
    expect(checked.stdout).toContain('the environment is valid');
  });

  it('serves in development with its own database, and this machine is the configured person without a credential', async () => {
    const port = await findFreePort();
    const url = `http://localhost:${port}`;
    const environment = { GATEHOUSE_DEV_SUBJECT: 'dev', GATEHOUSE_DEV_ROLES: 'admin', MCP_HTTP_ENVIRONMENT: 'development', GATEHOUSE_LISTEN_PORT: String(port), GATEHOUSE_LISTEN_HOST: 'localhost', HOME: cwd };
    const gateway = await serveGatehouse([], { cwd, environment, url });
    try {
      expect((await post(url, {})).status).toBe(200);
      // A credential that is wrong stays wrong: it does not become nobody's, who would be let in.
      expect((await post(url, { authorization: 'Bearer nonsense' })).status).toBe(401);
      expect((await post(url, { 'x-api-key': 'nonsense' })).status).toBe(401);
    } finally {
      const { stderr } = await gateway.stop();
      expect(stderr).toContain('warning: providers.development gives everybody who reaches the gateway the configured identity');
    }
  });

  it.each([
    [{}, 2, /--config FILE is missing: there is no gatehouse\.yaml here, and no variable such as MCP_HTTP_AUTH0_DOMAIN/],
    [{ GATEHOUSE_DEV_SUBJECT: 'dev', MCP_HTTP_DATABASE_CONNECTION_STRING: 'postgresql://x' }, 1, /providers\.development: gives everybody who reaches the gateway/],
    [{ MCP_HTTP_GITHUB_ENABLED: 'true', MCP_HTTP_DATABASE_CONNECTION_STRING: 'postgresql://x' }, 1, /providers\.github: accepts tokens of every GitHub OAuth app: give clientId and clientSecret/],
    [{ MCP_HTTP_API_KEY: apiKey, MCP_HTTP_DATABASE_CONNECTION_STRING: 'mysql://user:hush@db/x' }, 1, /MCP_HTTP_DATABASE_CONNECTION_STRING must be a postgresql:\/\/ URL/],
    [{ MCP_HTTP_API_KEY: 'short', MCP_HTTP_DATABASE_CONNECTION_STRING: 'USE' }, 1, /staticKeys\[0\]\.key: is shorter than 32 characters/],
  ])('says what is missing and does not start: %j', async (environment, code, message) => {
    const filled = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value === 'USE' ? connectionString(database.urls) : value]));
    const result = await runGatehouse(['serve'], { cwd, environment: filled });
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toContain('hush');
  });
});

describe('gatehouse keys, revoke and doctor', () => {
  const environment = () => ({ MCP_HTTP_DATABASE_CONNECTION_STRING: connectionString(database.urls), HMAC_KEY: 'an hmac key with more than 32 characters', OLD_KEY: apiKey });
  const run = (...args: string[]) => runGatehouse(args, { cwd, environment: environment() });

  it('make, show, replace and revoke a key', async () => {
    const settings = { publicUrls: ['http://localhost:3232'], providers: { keys: { preset: 'apiKey', hmacKey: 'env:HMAC_KEY' } }, tenants: { acme: {} } };
    await writeFile(join(cwd, 'gatehouse.yaml'), JSON.stringify(settings));
    expect((await run('apply')).code).toBe(0);
    const made = await run('keys', 'create', '--tenant', 'acme', '--owner', 'billing', '--scopes', 'orders:read', '--expires', '30d');
    const key = made.stdout.trim();
    expect(key).toMatch(/^gatehouse_[0-9a-z]{16}_[A-Za-z0-9_-]{43}$/);
    const id = key.split('_')[1] ?? '';
    expect((await run('keys', 'list')).stdout).toContain(`${id}  valid    acme  billing (billing)  orders:read`);
    const rotated = await run('keys', 'rotate', id, '--overlap', '1h');
    expect(rotated.stdout).toMatch(new RegExp(`the old key ${id} works until`));
    expect((await run('keys', 'revoke', id)).stdout).toContain(`key ${id} is revoked`);
    const again = await run('keys', 'revoke', id);
    expect([again.code, again.stderr]).toEqual([1, `gatehouse: there is no key ${id} in use\n`]);
    const shown = await run('keys', 'list', '--json');
    expect(JSON.parse(shown.stdout)).toHaveLength(2);
    for (const secret of [key.split('_').slice(2).join('_'), 'hmac']) expect(shown.stdout).not.toContain(secret);
    expect((await run('keys', 'create', '--tenant', 'nobody', '--owner', 'x')).stderr).toContain('--tenant: the applied configuration has no tenant "nobody"');
  });

  it('revoke and list', async () => {
    expect((await run('revoke', '--subject', 'keys:billing', '--reason', 'left the company')).stdout).toContain('subject keys:billing is revoked');
    expect((await run('revocations')).stdout).toMatch(/subject keys:billing {2}left the company/);
    expect((await run('revoke', '--subject', 'billing')).stderr).toContain('--subject must be PROVIDER:SUBJECT');
    expect((await run('revoke', '--tenant', 'a', '--provider', 'b')).code).toBe(2);
    expect((await run('revoke', '--provider', 'none')).stderr).toContain('the applied configuration has no provider "none"; it has keys');
  });

  it('explain a credential from standard input and never from the command line', async () => {
    const wrong = await runGatehouse(['doctor', 'auth', '--token-stdin'], { cwd, environment: environment(), stdin: 'Bearer gatehouse_0123456789abcdef_' + 'A'.repeat(43) });
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toMatch(/FAIL {2}verification: the API key is not valid[\s\S]*gatehouse keys list[\s\S]*the credential would be refused: 1 problem/);
    expect((await run('doctor', 'auth')).stderr).toContain('never put a token on the command line');
    expect((await run('doctor', 'provider', 'keys')).stdout).toContain('no problem found');
  });
});
