import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { findFreePort, type FixedAnswer } from '@gatehouse-mcp/testing';
import { FakeBrowser } from '../tools/fake-browser.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';
import { initialize, StdioProcess } from '../tools/stdio-process.js';

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const DISCOVERY = '/.well-known/openid-configuration';
let gateway: TestGateway;
let browser: FakeBrowser;
const processes: StdioProcess[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  gateway = await startGateway({ tenants: ['acme'] });
  gateway.issuer.signIn.person = { sub: 'alice', tenant: 'acme' };
}, 60_000);
afterAll(() => gateway.stop());

/** What OpenID Connect Discovery 1.0 requires besides what gateways read. */
const REQUIRED = { response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'], code_challenge_methods_supported: ['S256'] };

beforeEach(async () => {
  // Somebody must be able to sign in there, or it has no endpoint for it.
  gateway.issuer.signIn.clients.set('nobody', { id: 'nobody', redirectUris: [] });
  await change((metadata) => ({ ...metadata, ...REQUIRED }));
});
afterEach(async () => {
  for (const { child } of processes.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
  gateway.issuer.fixed.clear();
  await browser?.stop();
});

async function start(url: string, options: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<StdioProcess> {
  browser = await FakeBrowser.start(async (page) => void (await fetch(page)));
  const process = new StdioProcess(['connect', url, ...options], { ...browser.environment, ...environment });
  processes.push(process);
  return process;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const mcp = () => `${gateway.url}/mcp`;
const redirectUriOf = (port: number) => `http://127.0.0.1:${port}/callback`;

describe('gatehouse connect with a client that an operator registered', () => {
  it('signs in with its id and secret, at the port of its redirect URI, and keeps no secret', async () => {
    const port = await findFreePort();
    gateway.issuer.signIn.clients.set('desk', { id: 'desk', secret: 's/e+c r%t', redirectUris: [redirectUriOf(port)] });
    const process = await start(mcp(), ['--client-id', 'desk', '--client-secret', 'env:DESK_SECRET', '--callback-port', String(port)], { DESK_SECRET: 's/e+c r%t' });
    expect((await process.ask(list)).result?.tools).toHaveLength(4);
    const folder = join(browser.folder, '.cache', 'gatehouse');
    const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.json'));
    expect(JSON.parse(readFileSync(join(folder, file), 'utf8'))).toMatchObject({ client: { id: 'desk' }, url: mcp() });
    expect(readFileSync(join(folder, file), 'utf8')).not.toContain('s/e+c');
    expect(gateway.issuer.tokenRequests.at(-1)).toMatchObject({ authorization: expect.stringMatching(/^Basic /) });
    await process.end();
  });

  it('says so when the secret is wrong', async () => {
    const port = await findFreePort();
    gateway.issuer.signIn.clients.set('desk', { id: 'desk', secret: 'right', redirectUris: [redirectUriOf(port)] });
    const process = await start(mcp(), ['--client-id', 'desk', '--client-secret', 'env:DESK_SECRET', '--callback-port', String(port)], { DESK_SECRET: 'wrong-secret' });
    expect((await process.ask(list)).error?.message).toContain('gave no token: invalid_client');
    expect(process.stderr).not.toContain('wrong-secret');
    await process.end();
  });

  it('says so when the redirect URI is another one than was registered', async () => {
    gateway.issuer.signIn.clients.set('desk', { id: 'desk', redirectUris: ['http://127.0.0.1:1/callback'] });
    const process = await start(mcp(), ['--client-id', 'desk', '--login-timeout', '500ms']);
    expect((await process.ask(list)).error?.message).toMatch(/If the page complained about the redirect URI, the client must have http:\/\/127\.0\.0\.1:\d+\/callback: see --callback-port/);
    await process.end();
  });

  it('leaves resource out everywhere where that is asked for', async () => {
    const port = await findFreePort();
    gateway.issuer.signIn.clients.set('desk', { id: 'desk', redirectUris: [redirectUriOf(port)] });
    gateway.issuer.signInClaims = { aud: mcp() };
    const process = await start(mcp(), ['--client-id', 'desk', '--callback-port', String(port), '--omit-resource']);
    expect((await process.ask(list)).result?.tools).toHaveLength(4);
    gateway.issuer.signInClaims = {};
    expect([browser.opened[0]?.searchParams.has('resource'), gateway.issuer.tokenRequests.at(-1)?.parameters.has('resource')]).toEqual([false, false]);
    await process.end();
  });

  it('signs in with a metadata document where the server takes them, and says so where not', async () => {
    const document = 'https://clients.acme.example/gatehouse.json';
    const port = await findFreePort();
    const options = ['--client-metadata-url', document, '--callback-port', String(port)];
    gateway.issuer.signIn.clients.set(document, { id: document, redirectUris: [redirectUriOf(port)] });
    const refused = await start(mcp(), options);
    expect((await refused.ask(list)).error?.message).toContain('takes no client metadata documents: use --client-id');
    await refused.end();
    await browser.stop();
    await change((metadata) => ({ ...metadata, client_id_metadata_document_supported: true }));
    const process = await start(mcp(), options);
    expect((await process.ask(list)).result?.tools).toHaveLength(4);
    await process.end();
  });
});

/** Changes the metadata of the issuer, until the test ends. */
async function change(edit: (metadata: Record<string, unknown>) => object): Promise<void> {
  const answer: FixedAnswer = answerJsonOf(edit((await (await fetch(gateway.issuer.url + DISCOVERY)).json()) as Record<string, unknown>));
  gateway.issuer.fixed.set(DISCOVERY, answer);
}

const answerJsonOf = (body: object): FixedAnswer => ({ status: 200, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

describe('gatehouse connect says what is wrong', () => {
  const failure = async (url: string, ...options: string[]) => {
    const process = await start(url, options);
    const { error } = await process.ask(list);
    expect(await process.end()).toBe(0);
    expect(process.stderr).toContain(error?.message);
    return error?.message;
  };

  it('when the server is down', async () => {
    expect(await failure(`http://127.0.0.1:${await findFreePort()}/mcp`)).toMatch(/^http:\/\/127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)$/);
  });

  it('when it is no MCP server', async () => {
    const url = await serve((_request, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Hello'));
    expect(await failure(`${url}/`)).toContain('the server answered 404 with text/html, which is no MCP: is this the URL of an MCP endpoint');
  });

  it('when a sign-in is wanted and nothing says where', async () => {
    const url = await serve((request, response) => response.writeHead(request.method === 'POST' ? 401 : 404).end());
    expect(await failure(`${url}/mcp`)).toContain('wants a sign-in but has no metadata that says where (RFC 9728)');
  });

  it('when the metadata is that of another resource', async () => {
    const url = await serve((request, response) => (request.method === 'POST' ? response.writeHead(401).end() : response.writeHead(200, { 'content-type': 'application/json' }).end('{"resource":"https://other.example/mcp","authorization_servers":["https://idp.example"]}')));
    expect(await failure(`${url}/mcp`)).toContain('is that of another resource, https://other.example/mcp');
  });

  it('when it is sent elsewhere, and takes no credential there', async () => {
    let stolen = 0;
    const thief = await serve((_request, response) => response.writeHead(200).end(String((stolen += 1))));
    const url = await serve((_request, response) => response.writeHead(307, { location: `${thief}/mcp` }).end());
    const process = await start(`${url}/mcp`, ['--header', 'X-API-Key: env:KEY'], { KEY: 'the-key' });
    expect((await process.ask(list)).error?.message).toContain('answers with a redirect');
    await process.end();
    expect(stolen).toBe(0);
  });

  it.each([
    ['authorization_endpoint', 'http://login.evil.example/authorize'],
    ['authorization_endpoint', 'file:///etc/passwd'],
    ['token_endpoint', 'http://login.evil.example/token'],
  ])('when the %s is %s, before anything is opened or sent', async (name, endpoint) => {
    await change((metadata) => ({ ...metadata, [name]: endpoint }));
    expect(await failure(mcp(), '--client-id', 'desk')).toMatch(new RegExp(`${name} of .*only https is used|wrong or missing there: ${name}`));
    expect(browser.opened).toHaveLength(0);
  });

  it('when the metadata names another issuer', async () => {
    await change((metadata) => ({ ...metadata, issuer: 'https://evil.example' }));
    expect(await failure(mcp(), '--client-id', 'desk')).toContain('it names another issuer than was asked');
  });

  it('when the metadata lacks what a sign-in needs', async () => {
    await change((metadata) => ({ ...metadata, token_endpoint: undefined }));
    expect(await failure(mcp(), '--client-id', 'desk')).toContain('has no metadata of use (RFC 8414): wrong or missing there: token_endpoint');
  });

  it('when the server registers no clients', async () => {
    expect(await failure(mcp())).toMatch(/does not register clients by itself: have one registered with the redirect URI http:\/\/127\.0\.0\.1:\d+\/callback, and give its --client-id/);
  });

  it('when the port is taken', async () => {
    const port = Number(new URL(await serve((_request, response) => response.end())).port);
    gateway.issuer.signIn.clients.set('desk', { id: 'desk', redirectUris: [redirectUriOf(port)] });
    expect(await failure(mcp(), '--client-id', 'desk', '--callback-port', String(port))).toBe(`--callback-port: ${port} is in use by another program`);
  });

  it('when a token is refused that was just given, without asking the person again and again', async () => {
    const port = await findFreePort();
    gateway.issuer.signIn.clients.set('desk', { id: 'desk', redirectUris: [redirectUriOf(port)] });
    gateway.issuer.signInClaims = { aud: 'somewhere-else' };
    const process = await start(mcp(), ['--client-id', 'desk', '--callback-port', String(port)]);
    for (const id of [1, 2]) expect((await process.ask({ ...list, id })).error?.message).toContain('refuses the token that was just given for it: ');
    await process.end();
    gateway.issuer.signInClaims = {};
    expect(browser.opened).toHaveLength(1);
  });

  it('when the folder of tokens can be read by others', async () => {
    browser = await FakeBrowser.start(async () => undefined);
    const folder = join(browser.folder, '.cache', 'gatehouse');
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
    const process = new StdioProcess(['connect', mcp()], browser.environment);
    expect(await process.ended).toBe(1);
    expect(process.stderr).toContain(`${folder} can be read by other users: tokens are not kept there; run chmod 700 ${folder}`);
    expect(process.stdout).toBe('');
  });
});

describe('gatehouse connect while the authorization server has a bad time', () => {
  /** Signed in with a refresh token, and the token ends so many milliseconds from now. */
  async function nearTheEnd(left: number): Promise<StdioProcess> {
    const port = await findFreePort();
    const options = ['--client-id', 'desk', '--callback-port', String(port)];
    gateway.issuer.signIn.clients.set('desk', { id: 'desk', redirectUris: [redirectUriOf(port)] });
    const first = await start(mcp(), options);
    expect((await first.ask(list)).result?.tools).toHaveLength(4);
    await first.end();
    const folder = join(browser.folder, '.cache', 'gatehouse');
    const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.json')) ?? '');
    const kept = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...kept, refreshToken: 'refresh-token-of-alice', obtainedAt: Date.now() - 3_600_000, expiresAt: Date.now() + left }));
    gateway.issuer.fixed.set('/token', { status: 503, body: '<h1>busy', headers: { 'content-type': 'text/html' } });
    const process = new StdioProcess(['connect', mcp(), ...options], browser.environment);
    processes.push(process);
    return process;
  }

  it('uses the token to its end', async () => {
    const process = await nearTheEnd(10_000);
    expect((await process.ask(list)).result?.tools).toHaveLength(4);
    expect(await process.end()).toBe(0);
  });

  it('says so after that, and asks nobody to sign in for nothing', async () => {
    const process = await nearTheEnd(-1_000);
    expect((await process.ask(list)).error?.message).toMatch(/gave no token: server_error/);
    await process.end();
    expect(browser.opened).toHaveLength(1);
    expect(process.stderr).not.toContain('refresh-token-of-alice');
  });
});

describe('gatehouse connect with --header', () => {
  it('sends it in place of a sign-in, with the token of the environment', async () => {
    const process = await start(mcp(), ['--header', 'Authorization: Bearer env:TOKEN'], { TOKEN: await gateway.token() });
    expect((await process.ask(initialize(0))).result?.protocolVersion).toBe('2025-11-25');
    expect((await process.ask(list)).result?.tools).toHaveLength(4);
    expect(await process.end()).toBe(0);
    expect(browser.opened).toHaveLength(0);
  });

  it('asks nobody when it is refused', async () => {
    const process = await start(mcp(), ['--header', 'Authorization: Bearer env:TOKEN'], { TOKEN: 'nonsense' });
    expect((await process.ask(list)).error?.message).toMatch(/refuses what --header sends: \S+/);
    await process.end();
    expect(browser.opened).toHaveLength(0);
    expect(process.stderr).not.toContain('nonsense');
  });
});
