import type { Secret } from '@gatehouse-mcp/oauth';
import type { ConnectionOf, ConnectionSettings } from '../config/connection.schema.js';
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
   * @returns undefined where the link has nothing for this caller and says that the next one decides then
   * @throws GatewayError that names the link and the reason; for what cannot work, before any network access
   */
  obtain(call: CallContext, scopes: readonly string[]): Promise<Credential | undefined>;
}

/** An account that a user connected, ready for a call. */
export interface ConnectedAccount {
  readonly accessToken: Secret;
  /** Null where the server does not say. */
  readonly scopes: readonly string[] | null;
  /** Call it when the API answers 401: the next call refreshes first. */
  readonly evict: () => void;
  /** What to say of scopes that the account was connected without: its user may allow them, or the operator has to ask for them. */
  readonly explainLack: (lacking: readonly string[]) => Promise<Error>;
}

/** A key or password that a user typed in. */
export interface UserSecret {
  /** Of a password only. */
  readonly username: string | undefined;
  readonly secret: Secret;
  /** Call it when the API answers 401: another replica may know a newer one. */
  readonly evict: () => void;
}

/** What users connected, as links use it. Both throw ConnectionRequiredError where the user has to do something first. */
export interface UserConnections {
  account(call: CallContext, connection: ConnectionOf<'oauth'>): Promise<ConnectedAccount>;
  secret(call: CallContext, connection: ConnectionOf<'secret'>): Promise<UserSecret>;
}

/** Whose answer it is that a platform's credential service gave. */
export interface AnswerKey {
  readonly tenant: string;
  readonly baseUrl: string;
  readonly service: string;
  readonly userId: string;
  /** What else makes one question differ from another: the link, the revision, who asks. */
  readonly asker: string;
}

/** One answer of a credential service, ready for a call. */
export interface CredentialAnswer {
  /** Undefined when the service has nothing for the user. */
  readonly credential: Omit<Credential, 'evict'> | undefined;
  /** Milliseconds for which it need not be asked again. */
  readonly goodFor: number;
}

/** Answers of credential services, for as long as they say, and no longer than until a service says that something changed. */
export interface CredentialAnswers {
  /** @param ask is told whether what was answered before is of no use any more */
  obtain(key: AnswerKey, ask: (isRefused: boolean) => Promise<CredentialAnswer>): Promise<CredentialAnswer & { readonly evict: () => void }>;
}

/** What a link is made from. */
export interface LinkContext<S extends CredentialSettings = CredentialSettings> {
  /** What it is a credential for, in words. */
  readonly upstream: string;
  /** Path of the link in `gatehouse.yaml`. */
  readonly setting: string;
  readonly settings: S;
  /** The provider that the link names. */
  readonly provider: ProviderSettings | undefined;
  /** The connection that the link names. */
  readonly connection: ConnectionSettings | undefined;
  readonly revision: string;
  /** What a reference of the link stands for. */
  readonly secret: (reference: string) => Secret;
  /** As the API's tenant may reach them. */
  readonly endpoints: Pick<TokenEndpoints, 'fetchOf' | 'of'>;
  readonly tokens: GrantedTokens;
  readonly connections: UserConnections;
  readonly resolved: CredentialAnswers;
}

/** Makes the strategy of a link without asking anybody anything; throws ConfigurationError for a key that is none. */
export type CredentialFactory<T extends CredentialType> = (context: LinkContext<CredentialOf<T>>) => CredentialStrategy;
