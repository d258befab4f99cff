import type { ClientMetadata } from 'oidc-provider';
import { apiScopes } from './users.js';

export const tokenExchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** For the demo only: it stands in the repository, so it protects nothing. */
export const demoSecret = 'gatehouse-demo-secret';
export const machineSecret = 'ci-demo-secret';
/** The key of the demo's gatehouse.yaml for callers without any authorization server. */
export const demoApiKey = 'gatehouse-demo-api-key-of-a-monitor';

/** The audiences a client may exchange for (RFC 8693 section 2.1): a stranger gets none. */
export const exchangeAudiences: Readonly<Record<string, readonly string[]>> = { gatehouse: ['orders', 'wiki'] };

export function describeStaticClients(gatehouseSecret: string): ClientMetadata[] {
  return [
    {
      client_id: 'gatehouse',
      client_name: 'Gatehouse',
      client_secret: gatehouseSecret,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: [tokenExchangeGrant],
      redirect_uris: [],
      response_types: [],
    },
    {
      client_id: 'ci',
      client_name: 'A machine of acme',
      client_secret: machineSecret,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      scope: apiScopes.join(' '),
    },
  ];
}
