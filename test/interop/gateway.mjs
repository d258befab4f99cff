/** A real gateway from the build, as a process of its own, with what it needs: PostgreSQL, an authorization server, an API. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../scripts/checkout.mjs';
import { describeBulk, describeProbe } from './documents.mjs';
import { startControl, startUpstream } from './upstream.mjs';
import { startWire } from './wire.mjs';

const READY_MS = 60_000;
const STOP_MS = 10_000;
/** The demo's own, for the demo's authorization server: it protects nothing. */
const SECRET = 'gatehouse-demo-secret';
const compiledDemo = join(root, 'demo', 'dist');
const gatewayMain = join(root, 'dist', 'main.js');
/** Ends the child when this process is gone, however it went. */
const exitWithParent = pathToFileURL(join(compiledDemo, 'loopback', 'exit-with-parent.js')).href;

/**
 * @typedef {{ mcpUrl: string, sseUrl: string, controlUrl: string, tokens: Record<'alice' | 'carol' | 'bob', string>, probeFile: string, upstreamUrl: string, gatewayMain: string }} Stage
 * @param {string} folder for files of this run
 * @param {{ wire: boolean }} options wire: what the clients and the gateway say is written to wire.log there
 * @param {(() => Promise<unknown>)[]} started gets what ends each part as soon as it runs, to be called in the opposite order, whatever happens
 * @returns {Promise<Stage>}
 */
export async function startStage(folder, { wire }, started) {
  const [listenPort = 0, issuerPort, wirePort = 0] = await findFreePorts(3);
  const own = `http://127.0.0.1:${listenPort}`;
  const url = wire ? `http://127.0.0.1:${wirePort}` : own;
  const issuer = `http://localhost:${issuerPort}`;
  const upstream = await startUpstream();
  started.push(upstream.stop);

  const authorizationServer = startPart('authorization-server', [join(compiledDemo, 'authorization-server', 'main.js'), '--port', String(issuerPort), '--gateway', url], { GATEHOUSE_DEMO_SECRET: SECRET }, folder);
  started.push(authorizationServer.stop);
  await authorizationServer.answers(`${issuer}/.well-known/oauth-authorization-server`);

  const { startEmbeddedPostgres } = await import(pathToFileURL(join(root, 'dist', 'database', 'embedded-postgres.js')).href);
  const database = await startEmbeddedPostgres({ checkout: folder, log: () => undefined });
  started.push(() => database.remove());

  const probeFile = join(folder, 'probe.openapi.json');
  const settingsFile = join(folder, 'gatehouse.yaml');
  await writeFile(probeFile, JSON.stringify(describeProbe(0)));
  await writeFile(join(folder, 'bulk.openapi.json'), JSON.stringify(describeBulk()));
  await writeFile(settingsFile, JSON.stringify(describeSettings({ urls: [...new Set([url, own])], listenPort, issuer, upstreamUrl: upstream.url }), undefined, 2));
  const environment = {
    GATEHOUSE_SECRET: SECRET,
    GATEHOUSE_DATABASE_URL: database.urls.url.reveal(),
    GATEHOUSE_DATABASE_ADMIN_URL: database.urls.adminUrl?.reveal() ?? '',
  };
  const gateway = startPart('gateway', ['--import', exitWithParent, gatewayMain, 'serve', '--config', settingsFile], environment, folder);
  started.push(gateway.stop);
  await gateway.answers(`${own}/readyz`);
  if (wire) started.push(await startWire(wirePort, listenPort, join(folder, 'wire.log')));

  let additions = 0;
  const change = async () => {
    additions += 1;
    await writeFile(probeFile, JSON.stringify(describeProbe(additions)));
    const apply = startPart(`apply-${additions}`, [gatewayMain, 'apply', '--config', settingsFile], environment, folder);
    const code = await apply.ended;
    if (code !== 0) throw new Error(`gatehouse apply ended with ${code}: ${apply.lastWords()}`);
    return `probe_added${additions}`;
  };
  const control = await startControl({ upstream, change });
  started.push(control.stop);
  const mcpUrl = `${url}/mcp`;
  return { mcpUrl, sseUrl: `${url}/sse`, controlUrl: control.url, tokens: await mintTokens(issuer, mcpUrl), probeFile, upstreamUrl: upstream.url, gatewayMain };
}

/** For clients that cannot sign in, and for checks where signing in is not the question: each user's token with all that the user may have. @param {string} issuer @param {string} resource */
async function mintTokens(issuer, resource) {
  const { obtainToken } = await import(pathToFileURL(join(compiledDemo, 'login', 'code-flow.js')).href);
  const scope = 'openid orders:read orders:write';
  const tokenOf = async (/** @type {string} */ user) => String((await obtainToken({ issuer, user, resource, scope })).access_token);
  return { alice: await tokenOf('alice'), carol: await tokenOf('carol'), bob: await tokenOf('bob') };
}

/** Two tenants: acme (alice, and carol who may only read) has the small API, globex (bob) the large one. @param {{ urls: string[], listenPort: number, issuer: string, upstreamUrl: string }} parts */
function describeSettings({ urls, listenPort, issuer, upstreamUrl }) {
  const api = (/** @type {string} */ name, /** @type {string} */ tenant) => ({
    name,
    tenant,
    openapi: `file:./${name}.openapi.json`,
    baseUrl: upstreamUrl,
    credentials: [{ type: 'token-exchange', provider: 'demo', clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET', audience: 'orders' }],
  });
  return {
    environment: 'development',
    publicUrls: urls,
    listen: { host: '127.0.0.1', port: listenPort },
    database: { url: 'env:GATEHOUSE_DATABASE_URL', adminUrl: 'env:GATEHOUSE_DATABASE_ADMIN_URL' },
    providers: { demo: { preset: 'oidc', issuer, algorithms: ['RS256'], basicScopes: ['openid', 'orders:read'], legacyDiscovery: true } },
    tenants: Object.fromEntries(['acme', 'globex'].map((tenant) => [tenant, { rules: [{ provider: 'demo', claim: 'tenant', equals: tenant }] }])),
    apis: [api('probe', 'acme'), api('bulk', 'globex')],
    limits: { perCaller: { requests: 100_000, window: '10s' } },
    // Above 40 tools a gateway would list its three of the search: here all of them are to be listed, page by page.
    tools: { searchAbove: false },
    transports: { sse: true },
    egress: { allow: [new URL(issuer).host, new URL(upstreamUrl).host] },
  };
}

/** One Node process with a log; only what this machine's shell needs is inherited. @param {string} name @param {string[]} args @param {Record<string, string>} environment @param {string} folder */
function startPart(name, args, environment, folder) {
  const logFile = join(folder, `${name}.log`);
  const log = openSync(logFile, 'w', 0o600);
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('GATEHOUSE_')));
  const child = spawn(process.execPath, args, { env: { ...inherited, ...environment }, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  const ended = new Promise((/** @type {(how: number | string) => void} */ resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? code ?? 'no code'));
  });
  const lastWords = () => readFileSync(logFile, 'utf8').trim().split('\n').slice(-3).join(' | ');
  return {
    ended,
    lastWords,
    answers: async (/** @type {string} */ url) => {
      const deadline = Date.now() + READY_MS;
      while (!(await isOk(url))) {
        if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) throw new Error(`${name} did not start: ${lastWords()}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await exit;
      clearTimeout(timer);
    },
  };
}

/** @param {string} url */
async function isOk(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

/** @param {number} count */
async function findFreePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => /** @type {import('node:net').AddressInfo} */ (server.address()).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
