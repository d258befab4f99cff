import { randomBytes } from 'node:crypto';
import type { Configuration, ResourceServer } from 'oidc-provider';
import { describeStaticClients } from './clients.js';
import { deviceFlow } from './device-flow.js';
import { MemoryStore } from './memory.adapter.js';
import { renderErrorPage } from './pages.js';
import { resourceScopes, supportedScopes } from './scopes.js';
import type { SigningKey } from './signing-key.js';
import { findMachine, findUser } from './users.js';

export const accessTokenSeconds = 3600;

export interface ConfigurationInput {
  readonly key: SigningKey;
  readonly gatehouseSecret: string;
  /** The resource of a client that names none (MCP clients before 2025-06-18 know no `resource`). */
  readonly defaultResource: string;
  /** Cookies ignore ports: two demos on one host would overwrite each other's. */
  readonly cookieSuffix: string;
  readonly rotatesRefreshTokens: boolean;
}

export function describeProvider(input: ConfigurationInput): Configuration {
  const store = new MemoryStore();
  return {
    adapter: (model) => store.adapter(model),
    clients: describeStaticClients(input.gatehouseSecret),
    clientDefaults: { application_type: 'native' },
    clientBasedCORS: () => true,
    jwks: { keys: [input.key.privateJwk] },
    scopes: supportedScopes,
    claims: { openid: ['sub', 'tenant'] },
    pkce: { required: () => true },
    findAccount: (_ctx, sub) => {
      const account = findUser(sub);
      return account && { accountId: sub, claims: async () => ({ sub, tenant: account.tenant }) };
    },
    extraTokenClaims: (_ctx, token) => {
      const account = 'accountId' in token ? findUser(token.accountId) : findMachine(token.clientId);
      return account && { tenant: account.tenant };
    },
    issueRefreshToken: async (_ctx, client, source) => client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access'),
    ...(input.rotatesRefreshTokens ? { rotateRefreshToken: true } : {}),
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      names: {
        session: `_session_${input.cookieSuffix}`,
        interaction: `_interaction_${input.cookieSuffix}`,
        resume: `_interaction_resume_${input.cookieSuffix}`,
      },
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.body = renderErrorPage(out.error, out.error_description);
    },
    routes: { registration: '/register', authorization: '/authorize' },
    ttl: {
      AccessToken: accessTokenSeconds,
      ClientCredentials: accessTokenSeconds,
      AuthorizationCode: 60,
      DeviceCode: 600,
      IdToken: 3600,
      RefreshToken: 86_400,
      Grant: 86_400,
      Session: 86_400,
      Interaction: 3600,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow,
      introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => client.clientId === token.clientId },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => client.clientId === token.clientId },
      registration: { enabled: true },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_ctx, _client, oneOf) => oneOf?.[0] ?? input.defaultResource,
        getResourceServerInfo: (_ctx, resource) => describeResource(resource),
        useGrantedResource: () => true,
      },
    },
  };
}

/** Every absolute URL without a fragment is a resource here (oidc-provider has checked that much). */
function describeResource(resource: string): ResourceServer {
  return {
    scope: resourceScopes.join(' '),
    audience: resource,
    accessTokenTTL: accessTokenSeconds,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'RS256' } },
  };
}
