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
  return credentials.filter(({ when }) => when === undefined || when === kind);
}

/** The declared chains of all APIs. */
@Injectable()
export class CredentialChain implements OnModuleInit {
  /** By the settings of a link, and gone with them: a call that began under the revision before still finds its own. */
  readonly #links = new WeakMap<CredentialSettings, CredentialStrategy>();

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
      const links = createLinks({ ...snapshot, endpoints, tokens, connections, resolved });
      return () => {
        for (const [settings, strategy] of links) this.#links.set(settings, strategy);
      };
    });
  }

  /**
   * @param scopes the API's scopes that the caller holds
   * @throws GatewayError before any network access when no link is for this kind of caller
   */
  async obtain(call: CallContext, { name, credentials }: ApiSettings, scopes: readonly string[]): Promise<Credential> {
    const links = chooseLinks(credentials, call.caller.kind);
    if (links.length === 0) throw new GatewayError(NO_CREDENTIAL, `API "${name}" declares no credential for a ${call.caller.kind}`);
    for (const link of links) {
      const strategy = this.#links.get(link);
      if (!strategy) throw new GatewayError(CHANGED, `the credentials of API "${name}" have just changed; try again`);
      const credential = await strategy.obtain(call, scopes);
      if (credential) return credential;
    }
    throw new GatewayError(NO_CREDENTIAL, `nothing that API "${name}" declares has a credential for you`);
  }
}
