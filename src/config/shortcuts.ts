import type { Environment } from './environment.js';

/** A settings tree before it is validated. */
type Draft = Record<string, unknown>;

/** What one group of variables makes of the environment: a provider under a fixed id, when they are set. */
type Shortcut = (environment: Environment) => readonly [id: string, provider: Draft] | undefined;

const isOn = (value: string | undefined): boolean => value !== undefined && /^(?:1|true|yes|on)$/i.test(value);
const list = (value: string | undefined): readonly string[] => (value ?? '').split(/[\s,]+/).filter(Boolean);
const reference = (environment: Environment, name: string): Draft => (environment[name] ? { clientSecret: `env:${name}` } : {});

/** The tenant of a gateway that is configured by variables alone. */
const ONLY_TENANT = 'default';

const shortcuts: readonly Shortcut[] = [
  ({ MCP_HTTP_GOOGLE_CLIENT_ID: clientId, MCP_HTTP_GOOGLE_HOSTED_DOMAINS: domains, ...rest }) =>
    clientId ? ['google', { preset: 'google', clientId, ...reference(rest, 'MCP_HTTP_GOOGLE_CLIENT_SECRET'), ...(domains ? { hostedDomains: list(domains) } : {}) }] : undefined,
  ({ MCP_HTTP_AUTH0_DOMAIN: domain, MCP_HTTP_AUTH0_AUDIENCE: audience }) => (domain || audience ? ['auth0', { preset: 'auth0', ...(domain ? { domain } : {}), ...(audience ? { audience } : {}) }] : undefined),
  ({ MCP_HTTP_GITHUB_ENABLED: enabled, MCP_HTTP_GITHUB_CLIENT_ID: clientId, MCP_HTTP_GITHUB_DANGEROUSLY_ACCEPT_ANY_APP: anyApp, ...rest }) =>
    isOn(enabled)
      ? ['github', { preset: 'github', ...(clientId ? { clientId } : {}), ...reference(rest, 'MCP_HTTP_GITHUB_CLIENT_SECRET'), ...(isOn(anyApp) ? { dangerouslyAcceptAnyGithubApp: true } : {}) }]
      : undefined,
  ({ MCP_HTTP_API_KEY: key }) => (key ? ['api-key', { preset: 'apiKey', staticKeys: [{ name: 'MCP_HTTP_API_KEY', key: 'env:MCP_HTTP_API_KEY', tenant: ONLY_TENANT }] }] : undefined),
  ({ GATEHOUSE_DEV_SUBJECT: subject, GATEHOUSE_DEV_NAME: name, GATEHOUSE_DEV_EMAIL: email, GATEHOUSE_DEV_SCOPES: scopes, GATEHOUSE_DEV_ROLES: roles }) =>
    subject ? ['development', { preset: 'environment', subject, ...(name ? { name } : {}), ...(email ? { email } : {}), scopes: list(scopes), roles: list(roles) }] : undefined,
];

const asDraft = (value: unknown): Draft => (typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {});

/** Whether variables alone may make a configuration: one of them says how people sign in. */
export function hasShortcuts(environment: Environment): boolean {
  return shortcuts.some((shortcut) => shortcut(environment) !== undefined);
}

/**
 * A copy of the settings with what the variables of `MCP_HTTP_*` and `GATEHOUSE_DEV_*` say. They add to a file and never
 * replace what it has: where it names tenants, its rules decide who of these providers belongs to which.
 */
export function applyShortcuts(settings: Draft, environment: Environment): Draft {
  const found = shortcuts.flatMap((shortcut) => {
    const made = shortcut(environment);
    return made === undefined ? [] : [made];
  });
  const database = asDraft(settings['database']);
  const result: Draft = { ...settings };
  if (environment['MCP_HTTP_ENVIRONMENT'] && settings['environment'] === undefined) result['environment'] = environment['MCP_HTTP_ENVIRONMENT'];
  if (environment['MCP_HTTP_DATABASE_CONNECTION_STRING'] && database['url'] === undefined && database['embedded'] !== true) {
    result['database'] = { ...database, connectionString: 'env:MCP_HTTP_DATABASE_CONNECTION_STRING' };
  }
  if (found.length === 0) return result;
  result['providers'] = { ...Object.fromEntries(found), ...asDraft(settings['providers']) };
  if (settings['tenants'] !== undefined) return result;
  const byToken = found.filter(([, { preset }]) => preset !== 'apiKey');
  return { ...result, tenants: { [ONLY_TENANT]: { rules: byToken.map(([provider]) => ({ provider })) } } };
}

/** What a configuration without a file has where no variable says otherwise. */
export function defaultsWithoutFile(settings: Draft): Draft {
  const port = asDraft(settings['listen'])['port'] ?? 3232;
  const publicUrls = settings['publicUrls'] ?? [`http://localhost:${String(port)}`, `http://127.0.0.1:${String(port)}`];
  const isDevelopment = settings['environment'] === 'development';
  return { ...settings, publicUrls, database: settings['database'] ?? (isDevelopment ? { embedded: true } : {}) };
}
