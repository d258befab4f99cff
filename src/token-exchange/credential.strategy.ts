import type { Secret } from '@gatehouse-mcp/oauth';
import type { CredentialOf, CredentialSettings, CredentialType } from '../config/credential.schema.js';
import type { ProviderSettings } from '../config/provider.schema.js';
import type { CallContext } from '../context/call-context.js';
import type { Credential } from '../context/credential.js';
import type { GrantedTokens } from './granted.tokens.js';
import type { TokenEndpoints } from './token.endpoints.js';

/** One link of an API's chain, ready to be used. */
export interface CredentialStrategy {
  /**
   * @param scopes the API's scopes that the caller holds; nothing else is asked for on its behalf
   * @throws GatewayError that names the link and the reason; for what cannot work, before any network access
   */
  obtain(call: CallContext, scopes: readonly string[]): Promise<Credential>;
}

/** What a link is made from. */
export interface LinkContext<S extends CredentialSettings = CredentialSettings> {
  /** Name of the API, for messages. */
  readonly api: string;
  /** Path of the link in `gatehouse.yaml`. */
  readonly setting: string;
  readonly settings: S;
  /** The provider that the link names. */
  readonly provider: ProviderSettings | undefined;
  readonly revision: string;
  /** What a reference of the link stands for. */
  readonly secret: (reference: string) => Secret;
  /** As the API's tenant may reach them. */
  readonly endpoints: Pick<TokenEndpoints, 'fetchOf' | 'of'>;
  readonly tokens: GrantedTokens;
}

/** Makes the strategy of a link without asking anybody anything; throws ConfigurationError for a key that is none. */
export type CredentialFactory<T extends CredentialType> = (context: LinkContext<CredentialOf<T>>) => CredentialStrategy;
