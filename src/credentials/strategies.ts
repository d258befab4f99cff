import type { CredentialSettings, CredentialType } from '../config/credential.schema.js';
import { describeUpstream, placedCredentials } from '../config/credentialed.js';
import type { LiveSnapshot } from '../config/live-configuration.js';
import type { Credential } from '../context/credential.js';
import type { CredentialAnswers, CredentialFactory, CredentialStrategy, LinkContext, UserConnections } from '../token-exchange/credential.strategy.js';
import { createEntraObo } from '../token-exchange/entra-obo.strategy.js';
import type { GrantedTokens } from '../token-exchange/granted.tokens.js';
import { createJwtBearer } from '../token-exchange/jwt-bearer.strategy.js';
import { createTokenExchange } from '../token-exchange/token-exchange.strategy.js';
import type { TokenEndpoints } from '../token-exchange/token.endpoints.js';
import { createApiKey } from './api-key.strategy.js';
import { createClientCredentials } from './client-credentials.strategy.js';
import { createResolver } from './resolver.strategy.js';
import { createUserSecret } from './user-secret.strategy.js';
import { createVault } from './vault.strategy.js';

const NOTHING: Credential = { placement: undefined, actor: null, scopes: null, isNarrowed: false, evict: undefined };

/** The strategy of each type of link. A new one is a file, its settings in credential.schema.ts, and a line here. */
const factories: { readonly [T in CredentialType]: CredentialFactory<T> } = {
  'token-exchange': createTokenExchange,
  'entra-obo': createEntraObo,
  'jwt-bearer': createJwtBearer,
  'client-credentials': createClientCredentials,
  vault: createVault,
  'user-secret': createUserSecret,
  resolver: createResolver,
  'api-key': createApiKey,
  none: () => ({ obtain: async () => NOTHING }),
};

/** What all links of a revision are made from. */
export interface LinkParts extends Pick<LiveSnapshot, 'revision' | 'settings' | 'secrets'> {
  readonly endpoints: TokenEndpoints;
  readonly tokens: GrantedTokens;
  readonly connections: UserConnections;
  readonly resolved: CredentialAnswers;
}

/** Makes every link of a revision, so that a key that is none is found before the revision is taken over. */
export function createLinks(parts: LinkParts): ReadonlyMap<CredentialSettings, CredentialStrategy> {
  return new Map(
    placedCredentials(parts.settings).map(({ settings: link, setting, upstream }) => {
      const { tenant } = upstream;
      const connection = 'connection' in link ? parts.settings.connections.find((one) => one.name === link.connection && one.tenant === tenant) : undefined;
      return [link, createLink(parts, link, { upstream: describeUpstream(upstream), endpoints: parts.endpoints.forTenant(tenant), setting, connection })] as const;
    }),
  );
}

function createLink<T extends CredentialType>({ settings, secrets, ...parts }: Omit<LinkParts, 'endpoints'>, link: CredentialSettings & { type: T }, place: Pick<LinkContext, 'upstream' | 'setting' | 'endpoints' | 'connection'>): CredentialStrategy {
  const asked = 'exchange' in link && link.exchange ? link.exchange.provider : 'provider' in link ? link.provider : undefined;
  const provider = asked === undefined ? undefined : settings.providers[asked];
  const secret: LinkContext['secret'] = (reference) => {
    const value = secrets.get(reference);
    if (!value) throw new Error(`the secret of ${place.setting} was not read`);
    return value;
  };
  // The type of the settings picks the factory of the same type, which an index type cannot follow.
  const create = factories[link.type] as CredentialFactory<CredentialType>;
  return create({ ...parts, ...place, settings: link, provider, secret } as LinkContext);
}
