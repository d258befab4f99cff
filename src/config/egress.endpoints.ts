import type { Egress } from '@gatehouse-mcp/egress';
import type { ApiSettings, LiveSettings } from './configuration.schema.js';
import { habitsOf } from './connection-habits.js';
import type { ConnectionOf } from './connection.schema.js';
import { canonicalIssuer, githubApiUrl, toList } from './provider-identity.js';
import type { ProviderSettings } from './provider.schema.js';
import type { ServerSettings } from './server.schema.js';

/** An address that the settings need to be reachable, as far as they name it themselves. */
export interface ConfiguredEndpoint {
  /** Path of the setting it comes from. */
  readonly setting: string;
  readonly url: string;
  /** The tenant for which it is connected; undefined for what all share. */
  readonly tenant: string | undefined;
}

type Place = readonly [key: string, url: string | undefined];

/** Providers' metadata, keys and endpoints; APIs, their documents and what their credentials come from; servers of connections. */
export function configuredEndpoints({ providers, apis, servers, connections }: LiveSettings): readonly ConfiguredEndpoint[] {
  return [
    ...Object.entries(providers).flatMap(([id, provider]) => name(`providers.${id}`, undefined, placesOfProvider(provider))),
    ...apis.flatMap((api, index) => name(`apis[${index}]`, api.tenant, placesOfApi(api))),
    ...servers.flatMap((server, index) => name(`servers[${index}]`, server.tenant, placesOfServer(server))),
    ...connections.flatMap((connection, index) => (connection.type === 'oauth' ? name(`connections[${index}]`, connection.tenant, placesOfConnection(connection)) : [])),
  ];
}

/** Lines about hosts that the lists refuse whatever their address is: known without asking anybody. */
export function describeRefusedHosts(settings: LiveSettings, egress: Egress): readonly string[] {
  return configuredEndpoints(settings).flatMap(({ setting, url, tenant }) => {
    const { host, port } = peerOf(new URL(url));
    const judgement = egress.rulesOf(tenant).policy.judgeUnresolved(host, port);
    return judgement === undefined || judgement.isAllowed ? [] : [`${setting}: egress refuses ${host}:${port} (${judgement.by}); "gatehouse doctor network" says more`];
  });
}

/** Host, without the brackets of an IPv6 address, and port. */
export function peerOf({ hostname, port, protocol }: URL): { readonly host: string; readonly port: number } {
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

function name(at: string, tenant: string | undefined, places: readonly Place[]): readonly ConfiguredEndpoint[] {
  return places.flatMap(([key, url]) => (url !== undefined && /^https?:/.test(url) && URL.canParse(url) ? [{ setting: `${at}.${key}`, url, tenant }] : []));
}

function placesOfProvider(provider: ProviderSettings): readonly Place[] {
  const issuer = canonicalIssuer(provider);
  // The issuer may be made of another key.
  const key = provider.preset === 'entra' ? 'tenantId' : 'domain' in provider && provider.domain !== undefined ? 'domain' : 'issuer';
  const metadata: Place = [key, issuer && `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`];
  switch (provider.preset) {
    case 'oidc':
    case 'keycloak':
    case 'okta':
    case 'auth0':
      return [metadata, ['jwksUri', provider.jwksUri], ['tokenEndpoint', provider.tokenEndpoint]];
    case 'entra': {
      const keys = provider.jwksUri === undefined ? toList(provider.tenantId).map((tenant) => `${provider.authority}/${tenant}/discovery/v2.0/keys`) : [provider.jwksUri];
      return [metadata, ...keys.map((url): Place => ['jwksUri', url]), ['tokenEndpoint', provider.tokenEndpoint], ['groupOverage.graphUrl', provider.groupOverage?.graphUrl]];
    }
    case 'google':
      return [['jwksUri', provider.jwksUri], ['tokeninfoEndpoint', provider.tokeninfoEndpoint], ['userinfoEndpoint', provider.userinfoEndpoint]];
    case 'github':
      return [['apiUrl', githubApiUrl(provider)]];
    case 'introspection':
      return [metadata, ['introspectionEndpoint', provider.introspectionEndpoint]];
    case 'custom':
    case 'apiKey':
    case 'environment':
      return [];
  }
}

function placesOfApi({ baseUrl, openapi, overlay, credentials }: ApiSettings): readonly Place[] {
  return [
    ['baseUrl', baseUrl],
    ['openapi', openapi],
    ...overlay.map((url, index): Place => [`overlay[${index}]`, url]),
    ...placesOfChain(credentials),
  ];
}

function placesOfServer({ url, credentials, discovery }: ServerSettings): readonly Place[] {
  return [['url', url], ...placesOfChain(credentials), ['discovery.tokenEndpoint', discovery && 'tokenEndpoint' in discovery ? discovery.tokenEndpoint : undefined]];
}

function placesOfChain(credentials: ApiSettings['credentials']): readonly Place[] {
  return credentials.flatMap((link, index): readonly Place[] => [
    [`credentials[${index}].tokenEndpoint`, 'tokenEndpoint' in link ? link.tokenEndpoint : undefined],
    [`credentials[${index}].baseUrl`, 'baseUrl' in link ? link.baseUrl : undefined],
  ]);
}

/** The authorization endpoint is the users' browsers' to reach. */
function placesOfConnection(connection: ConnectionOf<'oauth'>): readonly Place[] {
  const habits = habitsOf(connection);
  const [issuer, tokenEndpoint] = [connection.issuer ?? habits.issuer, connection.tokenEndpoint ?? habits.tokenEndpoint];
  const isComplete = connection.authorizationEndpoint !== undefined && connection.tokenEndpoint !== undefined;
  return [
    ['issuer', isComplete ? undefined : issuer && `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`],
    ['tokenEndpoint', tokenEndpoint],
    ['revocationEndpoint', connection.revocationEndpoint],
  ];
}
