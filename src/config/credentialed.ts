import type { ApiSettings, LiveSettings } from './configuration.schema.js';
import type { CredentialSettings } from './credential.schema.js';
import type { ServerSettings } from './server.schema.js';

/** What calls go to with a credential: an API, or another MCP server. */
export type CredentialedSettings = ApiSettings | ServerSettings;

/** In words, for whoever calls or operates it. */
export const describeUpstream = (settings: Pick<CredentialedSettings, 'name'>): string => `${'url' in settings ? 'MCP server' : 'API'} "${settings.name}"`;

/** A link of a chain, or the one for discovery, and where it stands in `gatehouse.yaml`. */
export interface PlacedCredential {
  readonly settings: CredentialSettings;
  readonly setting: string;
  readonly upstream: CredentialedSettings;
}

/** Every credential of the settings. */
export function placedCredentials({ apis, servers }: Pick<LiveSettings, 'apis' | 'servers'>): readonly PlacedCredential[] {
  return [
    ...apis.flatMap((api, index) => ofChain(api, `apis[${index}]`)),
    ...servers.flatMap((server, index) => [...ofChain(server, `servers[${index}]`), ...(server.discovery ? [{ settings: server.discovery, setting: `servers[${index}].discovery`, upstream: server }] : [])]),
  ];
}

const ofChain = (upstream: CredentialedSettings, at: string): readonly PlacedCredential[] => upstream.credentials.map((settings, position) => ({ settings, setting: `${at}.credentials[${position}]`, upstream }));
