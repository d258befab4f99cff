import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeIssuer } from '@gatehouse-mcp/testing';
import type { BenchOptions, Era } from './bench.options.js';
import { startDatabase } from './database.js';
import { findFreePort } from '@gatehouse-mcp/testing';
import type { BenchSetup, LoadRequest, MeasuredServer } from './measured-server.js';
import { checkoutFolder } from './paths.js';
import { ServerProcess } from './server.process.js';
import { MARKER, type Upstream } from './upstream.js';

const SCOPE = 'items:read';
const TOKEN_LIFETIME_S = 6 * 3_600;

/** What the gateway offers beside the tool that is called. */
export interface Tools {
  readonly count: number;
  /** Query parameters of each, which nobody sends: the size of a tool. */
  readonly filters: number;
}

/** Entries of other kinds beside the API. */
export interface OtherEntries {
  /** File of entries written in TypeScript. */
  readonly module?: string;
  /** Endpoint of an MCP server. */
  readonly server?: string;
}

export interface Gatehouse extends MeasuredServer {
  /** Calls of the audit trail: each has an intent and an outcome that say it succeeded. */
  countRecordedCalls(): Promise<number>;
  readonly issuer: FakeIssuer;
  /** A token of the issuer for this gateway that names a key which does not exist. */
  forge(kid: string): Promise<string>;
}

/** (b): the built process as in production, with its database and its identity provider on the load's core. */
export async function startGatehouse({ folder, cores, upstream, started }: BenchSetup, { era, profile }: BenchOptions, tools: Tools = { count: 1, filters: 0 }, others: OtherEntries = {}): Promise<Gatehouse> {
  const port = await findFreePort();
  const issuer = await FakeIssuer.start();
  started.push(issuer);
  const database = await startDatabase(folder);
  started.push(database);
  const url = `http://127.0.0.1:${port}`;
  await writeFile(join(folder, 'gatehouse.yaml'), JSON.stringify(describeSettings(url, port, issuer, upstream, others), undefined, 2));
  await writeFile(join(folder, 'items.openapi.json'), JSON.stringify(describeItems(tools)));
  if (profile !== undefined) await mkdir(profile, { recursive: true });
  const server = new ServerProcess({
    name: 'Gatehouse',
    command: process.execPath,
    args: [...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]), join(checkoutFolder, 'dist', 'main.js'), 'serve', '--config', join(folder, 'gatehouse.yaml')],
    core: cores.server,
    environment: { NODE_ENV: 'production', BENCH_CLIENT_SECRET: 'bench-client-secret', GATEHOUSE_DATABASE_URL: database.url, GATEHOUSE_DATABASE_ADMIN_URL: database.adminUrl },
    logFile: join(folder, 'gatehouse.log'),
  });
  started.push(server);
  await server.waitFor(`${url}/readyz`);
  const now = Math.floor(Date.now() / 1_000);
  const claims = { sub: 'alice', tenant: 'acme', aud: `${url}/mcp`, client_id: 'agent', scope: `openid ${SCOPE}`, exp: now + TOKEN_LIFETIME_S };
  const token = await issuer.mint(claims);
  return {
    name: 'gatehouse',
    pid: server.pid,
    databasePid: database.pid,
    request: toolCall(era, `${url}/mcp`, token),
    countRecordedCalls: () => database.countRecordedCalls(),
    issuer,
    forge: (kid) => issuer.mint(claims, { kid }),
  };
}

function toolCall(era: Era, url: string, token: string): LoadRequest {
  const version = era === 'modern' ? '2026-07-28' : '2025-11-25';
  const meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { name: 'items_getItem', arguments: { id: '42' }, ...(era === 'modern' ? { _meta: meta } : {}) };
  return {
    url,
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': version,
      ...(era === 'modern' ? { 'mcp-method': 'tools/call', 'mcp-name': 'items_getItem' } : {}),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    // The end of a right answer's structured content: an error's text would only quote it.
    marker: `"title":"${MARKER}"`,
  };
}

/** The operation that is called, and more of its kind beside it. */
function describeItems({ count, filters }: Tools): object {
  const optional = Array.from({ length: filters }, (_, index) => ({
    name: `filter${index}`,
    in: 'query',
    description: `Only items whose property ${index} is one of these values, or none of them where the first value begins with an exclamation mark`,
    schema: { type: 'array', items: { type: 'string' } },
  }));
  const operation = (operationId: string) => ({
    operationId,
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }, ...optional],
    responses: { 200: { description: 'The item', content: { 'application/json': { schema: { type: 'object', properties: { id: { type: 'string' }, title: { type: 'string' } } } } } } },
  });
  const more = Array.from({ length: count - 1 }, (_, index) => [`/more/${index + 1}/{id}`, { get: operation(`getItem${index + 1}`) }] as const);
  return {
    openapi: '3.1.0',
    info: { title: 'Items', version: '1' },
    components: { securitySchemes: { oauth: { type: 'oauth2', flows: {} } } },
    security: [{ oauth: [SCOPE] }],
    paths: { '/items/{id}': { get: operation('getItem') }, ...Object.fromEntries(more) },
  };
}

/** The environment is left out, which means production; so is the log's level. */
function describeSettings(url: string, port: number, issuer: FakeIssuer, upstream: Upstream, { module, server }: OtherEntries): object {
  const exchange = (audience: string) => [{ type: 'token-exchange', provider: 'corp', clientId: 'gatehouse', clientSecret: 'env:BENCH_CLIENT_SECRET', audience }];
  return {
    publicUrls: [url],
    listen: { host: '127.0.0.1', port },
    database: { url: 'env:GATEHOUSE_DATABASE_URL', adminUrl: 'env:GATEHOUSE_DATABASE_ADMIN_URL' },
    providers: { corp: { preset: 'oidc', issuer: issuer.url } },
    tenants: { acme: { rules: [{ provider: 'corp', claim: 'tenant', equals: 'acme' }] } },
    apis: [
      {
        name: 'items',
        tenant: 'acme',
        openapi: 'file:./items.openapi.json',
        baseUrl: upstream.url,
        credentials: exchange('items-api'),
      },
    ],
    limits: { perCaller: { requests: 1_000_000, window: '10s' }, streams: { perCaller: 10_000 } },
    tools: { searchAbove: false },
    ...(module === undefined ? {} : { modules: [`file:${module}`] }),
    ...(server === undefined ? {} : { servers: [{ name: 'other', tenant: 'acme', url: server, credentials: exchange('other') }] }),
    egress: { allow: [issuer.host, ...[upstream.url, server ?? upstream.url].map((one) => new URL(one).host)] },
  };
}
