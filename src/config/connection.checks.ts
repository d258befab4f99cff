import type { LiveSettings } from './configuration.schema.js';
import type { ConnectionOf } from './connection.schema.js';

type Report = (path: (string | number)[], message: string) => void;

/** What connections ask of each other, of the vault, and of the providers that people sign in at. */
export function checkConnections({ apis, connections, providers, tenants, vault }: Pick<LiveSettings, 'apis' | 'connections' | 'providers' | 'tenants' | 'vault'>, report: Report): void {
  const seen = new Set<string>();
  connections.forEach((connection, index) => {
    const at: Report = (path, message) => report(['connections', index, ...path], message);
    const { name, tenant } = connection;
    const key = `${tenant}/${name}`;
    if (!Object.hasOwn(tenants, tenant)) at(['tenant'], `names tenant "${tenant}", which tenants does not define`);
    if (seen.has(key)) at(['name'], `tenant "${tenant}" already has a connection named "${name}"`);
    seen.add(key);
    if (connection.type === 'oauth') checkServer(connection, at);
    const isUsed = apis.some((api) => api.tenant === tenant && api.credentials.some((link) => 'connection' in link && link.connection === name));
    if (!isUsed) at(['name'], `is used by no API of tenant "${tenant}"`);
    if (!tenants[tenant]?.rules.some(({ provider }) => hasBrowser(providers[provider]))) {
      at(['tenant'], `names tenant "${tenant}", whose people cannot sign in at /connections: give one of its providers browser`);
    }
  });
  if (connections.length > 0 && vault === undefined) report(['vault', 'keys'], 'is missing: connections are kept encrypted; give a reference to 32 random bytes (openssl rand -hex 32)');
}

/** Whether people sign in at the provider for the pages. */
export const hasBrowser = (provider: LiveSettings['providers'][string] | undefined): boolean => provider !== undefined && 'browser' in provider && provider.browser !== undefined;

function checkServer({ preset, issuer, authorizationEndpoint, tokenEndpoint, clientSecret, privateKey, parameters }: ConnectionOf<'oauth'>, report: Report): void {
  if ((preset === 'oauth' || preset === 'gitea') && issuer === undefined && (authorizationEndpoint === undefined || tokenEndpoint === undefined)) {
    report(['issuer'], 'is missing; or give authorizationEndpoint and tokenEndpoint');
  }
  if (clientSecret !== undefined && privateKey !== undefined) report(['privateKey'], 'is given together with clientSecret; choose one');
  for (const name of ['response_type', 'client_id', 'redirect_uri', 'state', 'code_challenge', 'code_challenge_method', 'scope']) {
    if (Object.hasOwn(parameters, name)) report(['parameters', name], name === 'scope' ? 'is set by scopes' : 'is set by Gatehouse itself');
  }
}
