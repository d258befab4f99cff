import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordingUpstream } from '@gatehouse-mcp/testing';
import { dump } from 'js-yaml';
import { createApp } from '../../../src/app.js';
import { readAudit, type AuditEntry } from '../../../src/audit/audit.reader.js';
import { applyConfiguration } from '../../../src/cli/apply.command.js';
import { loadConfiguration } from '../../../src/config/configuration.file.js';
import { TenantDatabase } from '../../../src/tenancy/tenant.database.js';
import { TenantRegistry } from '../../../src/tenancy/tenant.registry.js';
import type { JsonRpcMessage, Settings } from '../gateway.js';
import { startTestDatabase } from '../postgres.js';
import type { Keycloak } from './keycloak.js';

export interface KeycloakGateway {
  readonly upstream: RecordingUpstream;
  /** tools/list: what needs an identity and no exchange. */
  list(token: string): Promise<Response>;
  call(token: string, tool: string, args?: unknown): Promise<Response>;
  /** What the audit says of how a user's calls of a tool ended, oldest first. */
  outcomes(subject: string, tool: string): Promise<readonly AuditEntry[]>;
  stop(): Promise<void>;
}

const secured = (scope: string) => [{ oauth: [scope] }];
const orderId = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };

/** Needs a scope that mcp-client may have for reading, and one that it never has for deleting. */
const ordersDocument = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
  components: { securitySchemes: { oauth: { type: 'oauth2', flows: {} } } },
  paths: {
    '/orders/{id}': {
      get: { operationId: 'getOrder', security: secured('orders:read'), parameters: [orderId], responses: {} },
      delete: { operationId: 'deleteOrder', security: secured('orders:write'), parameters: [orderId], responses: {} },
    },
  },
};

/** The real application at the URL that Keycloak's tokens are for, with an API of the audience orders-api behind it. */
export async function startKeycloakGateway(keycloak: Keycloak, change: (settings: Settings) => void = () => undefined): Promise<KeycloakGateway> {
  const [database, upstream, folder] = await Promise.all([startTestDatabase(), RecordingUpstream.start(), mkdtemp(join(tmpdir(), 'gatehouse-keycloak-'))]);
  const { origin, port } = new URL(keycloak.mcpUrl);
  const environment = { GATEHOUSE_SECRET: 'gatehouse-secret' };
  const settings: Settings = {
    environment: 'development',
    publicUrls: [origin],
    listen: { host: '127.0.0.1', port: Number(port) },
    log: { level: 'silent' },
    // Never opened: the URLs of the test's own cluster are given.
    database: { url: 'env:GATEHOUSE_SECRET' },
    providers: { corp: { preset: 'keycloak', issuer: keycloak.issuer, basicScopes: ['openid', 'orders:read'] } },
    tenants: { acme: { rules: [{ provider: 'corp' }] } },
    apis: [
      {
        name: 'orders',
        tenant: 'acme',
        openapi: 'file:./orders.openapi.json',
        baseUrl: upstream.url,
        credentials: [{ type: 'token-exchange', provider: 'corp', clientId: 'gatehouse', clientSecret: 'env:GATEHOUSE_SECRET', audience: 'orders-api' }],
      },
    ],
    limits: { perCaller: { requests: 100_000, window: '1m' } },
    egress: { allow: [keycloak.host, new URL(upstream.url).host] },
  };
  change(settings);
  await writeFile(join(folder, 'orders.openapi.json'), JSON.stringify(ordersDocument));
  await writeFile(join(folder, 'gatehouse.yaml'), dump(settings, { noRefs: true }));
  const configuration = await loadConfiguration(join(folder, 'gatehouse.yaml'), environment);
  await applyConfiguration(configuration, environment, database.urls);
  const app = await createApp(configuration, environment, database.urls);
  await app.listen(Number(port), '127.0.0.1');
  const post = (token: string, method: string, params: object) =>
    fetch(keycloak.mcpUrl, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
  return {
    upstream,
    list: (token) => post(token, 'tools/list', {}),
    call: (token, tool, args = { id: '7' }) => post(token, 'tools/call', { name: tool, arguments: args }),
    outcomes: async (subject, tool) => {
      const tenant = app.get(TenantRegistry, { strict: false }).find('acme');
      if (!tenant) throw new Error('no tenant acme');
      const rows = await readAudit(app.get(TenantDatabase, { strict: false }), tenant, { limit: 1_000 });
      return rows.filter((row) => row.subject === subject && row.tool === tool && row.kind === 'outcome');
    },
    stop: async () => {
      await app.close();
      await Promise.all([database.stop(), upstream.stop(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

/** The text of a tool's result, and whether it is a failure. */
export async function readResult(response: Response): Promise<{ readonly text: string | undefined; readonly isError: boolean }> {
  const { result, error } = (await response.json()) as JsonRpcMessage;
  return { text: result?.content?.[0]?.text ?? error?.message, isError: error !== undefined || result?.isError === true };
}
