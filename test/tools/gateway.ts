import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeIssuer, findFreePort, RecordingUpstream } from '@gatehouse-mcp/testing';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { dump } from 'js-yaml';
import { createApp } from '../../src/app.js';
import { applyConfiguration } from '../../src/cli/apply.command.js';
import { loadConfiguration } from '../../src/config/configuration.file.js';
import { ChangeFeed } from '../../src/database/change-feed.js';
import type { DatabaseUrls } from '../../src/database/database-urls.js';
import { startTestDatabase } from './postgres.js';

/** A settings tree, to be written as gatehouse.yaml. */
export type Settings = Record<string, unknown>;

export interface TestGateway {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly issuer: FakeIssuer;
  readonly upstream: RecordingUpstream;
  readonly urls: DatabaseUrls;
  /** Its gatehouse.yaml, and the variables that it refers to. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The client secret of the exchange, to look for where it must not be. */
  readonly secret: string;
  /** Writes the changed settings and applies them, as `gatehouse apply` does beside a running replica, which has them by the end. */
  apply(change: (settings: Settings) => void): Promise<void>;
  /** A token of the issuer for this gateway's `/mcp`. */
  token(claims?: Readonly<Record<string, unknown>>): Promise<string>;
  post(body: unknown, options?: PostOptions): Promise<Response>;
  /** tools/call in the legacy era; the parsed JSON-RPC message. */
  call(token: string, tool: string, args?: unknown, id?: string | number): Promise<JsonRpcMessage>;
  /** Another process of the same gateway: the same database and revision, its own address, memory and caches. */
  replica(): Promise<{ readonly url: string; readonly app: NestFastifyApplication; stop(): Promise<void> }>;
  stop(): Promise<void>;
}

export interface PostOptions {
  readonly token?: string | undefined;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What a test reads of a JSON-RPC answer. */
export interface JsonRpcMessage {
  readonly id: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
  readonly result?: {
    readonly isError?: boolean;
    readonly content?: readonly { readonly text: string }[];
    readonly structuredContent?: Record<string, unknown>;
    readonly tools?: readonly { readonly name: string }[];
  };
}

export interface TestGatewayOptions {
  readonly tenants?: readonly string[];
  /** OpenAPI document of the API `items` of each tenant; by default {@link itemsDocument}. */
  readonly document?: object;
  readonly change?: (settings: Settings) => void;
  /** Environment variables besides `GATEHOUSE_SECRET`, for secret references. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Other ways to the cluster: through a proxy, or with logins of a test's own. */
  readonly connect?: (urls: DatabaseUrls) => Promise<DatabaseUrls>;
  /** With entries of their own. */
  readonly modules?: readonly Type[];
}

export const GATEWAY_SECRET = 'test-client-secret-3f9a';

/** A small API: read an item by path, list with a filter, create, and one operation that needs `items:write`. */
export const itemsDocument = {
  openapi: '3.1.0',
  info: { title: 'Items', version: '1' },
  components: { securitySchemes: { oauth: { type: 'oauth2', flows: {} } } },
  security: [{ oauth: ['items:read'] }],
  paths: {
    '/items/{id}': {
      get: { operationId: 'getItem', parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }], responses: {} },
      delete: {
        operationId: 'deleteItem',
        security: [{ oauth: ['items:write'] }],
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: {},
      },
    },
    '/items': {
      get: { operationId: 'listItems', parameters: [{ name: 'kind', in: 'query', schema: { type: 'string' } }], responses: {} },
      post: {
        operationId: 'createItem',
        security: [{ oauth: ['items:write'] }],
        requestBody: { required: true, content: { 'application/json': { schema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] } } } },
        responses: {},
      },
    },
  },
};

/** The real application on a real PostgreSQL, a real upstream and a real issuer, each in this process or a child of it. */
export async function startGateway({ tenants = ['acme', 'globex'], document = itemsDocument, change, secrets, connect = async (urls) => urls, modules = [] }: TestGatewayOptions = {}): Promise<TestGateway> {
  const [database, issuer, upstream, port, folder] = await Promise.all([
    startTestDatabase(),
    FakeIssuer.start(),
    RecordingUpstream.start(),
    findFreePort(),
    mkdtemp(join(tmpdir(), 'gatehouse-config-')),
  ]);
  const url = `http://127.0.0.1:${port}`;
  const file = join(folder, 'gatehouse.yaml');
  const environment = { GATEHOUSE_SECRET: GATEWAY_SECRET, ...secrets };
  const settings = describeSettings(url, port, issuer, upstream, tenants);
  change?.(settings);
  await writeFile(join(folder, 'items.openapi.json'), JSON.stringify(document));
  const load = async () => {
    await writeFile(file, dump(settings, { noRefs: true }));
    return loadConfiguration(file, environment);
  };
  const started: { close(): Promise<void> }[] = [];
  const stop = async () => {
    for (const { close } of started) await close();
    await Promise.all([database.stop(), issuer.stop(), upstream.stop(), rm(folder, { recursive: true, force: true })]);
  };
  const start = async () => {
    const configuration = await load();
    const urls = await connect(database.urls);
    await applyConfiguration(configuration, environment, urls);
    const app = await createApp(configuration, environment, urls, { modules });
    started.push({ close: () => app.close() });
    await app.listen(port, '127.0.0.1');
    return { configuration, urls, app };
  };
  // What a failed start leaves open would keep Jest from ending.
  const { configuration, urls, app } = await start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const post = (body: unknown, { token, path = '/mcp', headers = {}, signal }: PostOptions = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
  return {
    app,
    url,
    issuer,
    upstream,
    urls,
    file,
    environment,
    secret: GATEWAY_SECRET,
    apply: async (changeSettings) => {
      changeSettings(settings);
      await applyConfiguration(await load(), environment, urls);
      await app.get(ChangeFeed, { strict: false }).refresh();
    },
    token: (claims = {}) => issuer.mint({ sub: 'alice', tenant: tenants[0], aud: `${url}/mcp`, client_id: 'agent', scope: 'items:read items:write', ...claims }),
    post,
    call: async (token, tool, args = {}, id = 1) => {
      const response = await post({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: tool, arguments: args } }, { token });
      return (await response.json()) as JsonRpcMessage;
    },
    replica: async () => {
      const other = await findFreePort();
      const publicUrls = [url, `http://127.0.0.1:${other}`];
      const replica = await createApp({ ...configuration, settings: { ...configuration.settings, publicUrls } }, environment, urls, { modules });
      try {
        await replica.listen(other, '127.0.0.1');
      } catch (error) {
        // A start that is refused has opened its connections already.
        await replica.close();
        throw error;
      }
      return { url: `http://127.0.0.1:${other}`, app: replica, stop: () => replica.close() };
    },
    stop,
  };
}

function describeSettings(url: string, port: number, issuer: FakeIssuer, upstream: RecordingUpstream, tenants: readonly string[]): Settings {
  return {
    environment: 'development',
    publicUrls: [url],
    listen: { host: '127.0.0.1', port },
    log: { level: 'silent' },
    // Never opened: tests give the URLs of their own cluster.
    database: { url: 'env:GATEHOUSE_SECRET' },
    providers: { corp: { preset: 'oidc', issuer: issuer.url, basicScopes: ['openid', 'items:read'] } },
    tenants: Object.fromEntries(tenants.map((name) => [name, { rules: [{ provider: 'corp', claim: 'tenant', equals: name }] }])),
    apis: tenants.map((tenant) => ({
      name: 'items',
      tenant,
      openapi: 'file:./items.openapi.json',
      baseUrl: `${upstream.url}/v1`,
      credentials: [{ type: 'token-exchange', provider: 'corp', clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET', audience: 'items-api' }],
    })),
    limits: { perCaller: { requests: 100_000, window: '1m' } },
    egress: { allow: [issuer.host, new URL(upstream.url).host] },
  };
}
