import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { ApiSettings } from '../config/configuration.schema.js';
import type { CredentialSettings } from '../config/credential.schema.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import type { CallContext } from '../context/call-context.js';
import type { Caller } from '../context/caller.js';
import type { Credential } from '../context/credential.js';
import { GatewayError } from '../errors/gateway.error.js';
import type { CredentialStrategy } from '../token-exchange/credential.strategy.js';
import { GrantedTokens } from '../token-exchange/granted.tokens.js';
import { TokenEndpoints } from '../token-exchange/token.endpoints.js';
import { createLinks } from './strategies.js';
import { ResolvedCredentials } from './resolver/resolved.credentials.js';
import { ConnectedAccounts } from './vault/connected-accounts.js';

const NO_CREDENTIAL = { code: 'no_credential', status: 403 };
const CHANGED = { code: 'configuration_changed', status: 503 };

/** The links of a chain that are for a kind of caller. The first decides; only one that says so, and has nothing, leaves it to the next. What fails never does. */
export function chooseLinks(credentials: readonly CredentialSettings[], kind: Caller['kind']): readonly CredentialSettings[] {
  return credentials.filter((link) => isFor(link, kind));
}

const isFor = ({ when }: CredentialSettings, kind: Caller['kind']): boolean => when === undefined || when === kind;

interface Link {
  readonly settings: CredentialSettings;
  readonly strategy: CredentialStrategy;
}

/** The declared chains of all APIs. */
@Injectable()
export class CredentialChain implements OnModuleInit {
  /** Of the revision in force, by tenant and API: an API that a revision left as it is may name a provider or secret that it changed. */
  #chains: ReadonlyMap<string, readonly Link[]> = new Map();

  constructor(
    private readonly live: LiveConfiguration,
    private readonly endpoints: TokenEndpoints,
    private readonly tokens: GrantedTokens,
    private readonly connections: ConnectedAccounts,
    private readonly resolved: ResolvedCredentials,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.live.follow(async (snapshot) => {
      const { endpoints, tokens, connections, resolved } = this;
      const strategies = createLinks({ ...snapshot, endpoints, tokens, connections, resolved });
      const chains = new Map(snapshot.settings.apis.map((api) => [keyOf(api), api.credentials.flatMap((settings) => toLink(settings, strategies))]));
      return () => {
        this.#chains = chains;
      };
    });
  }

  /**
   * @param scopes the API's scopes that the caller holds
   * @throws GatewayError before any network access when no link is for this kind of caller
   */
  async obtain(call: CallContext, api: Pick<ApiSettings, 'tenant' | 'name'>, scopes: readonly string[]): Promise<Credential> {
    const chain = this.#chains.get(keyOf(api));
    if (!chain) throw new GatewayError(CHANGED, `API "${api.name}" has just been taken out of the configuration`);
    const { kind } = call.caller;
    const links = chain.filter(({ settings }) => isFor(settings, kind));
    if (links.length === 0) throw new GatewayError(NO_CREDENTIAL, `API "${api.name}" declares no credential for a ${kind}`);
    for (const { strategy } of links) {
      const credential = await strategy.obtain(call, scopes);
      if (credential) return credential;
    }
    throw new GatewayError(NO_CREDENTIAL, `nothing that API "${api.name}" declares has a credential for you`);
  }
}

const keyOf = ({ tenant, name }: Pick<ApiSettings, 'tenant' | 'name'>): string => `${tenant}/${name}`;

function toLink(settings: CredentialSettings, strategies: ReadonlyMap<CredentialSettings, CredentialStrategy>): readonly Link[] {
  const strategy = strategies.get(settings);
  return strategy ? [{ settings, strategy }] : [];
}
