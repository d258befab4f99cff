import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { CredentialSettings } from '../config/credential.schema.js';
import { describeUpstream, placedCredentials, type CredentialedSettings } from '../config/credentialed.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import type { ServerSettings } from '../config/server.schema.js';
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

interface PlacedLink {
  /** The link's position, with the whole API or server: what is equal in two revisions is the same link. */
  readonly place: string;
  readonly strategy: CredentialStrategy;
}

/** The declared chains of all APIs and MCP servers. */
@Injectable()
export class CredentialChain implements OnModuleInit {
  /** By the settings of a link, and gone with them: a call that began under the revision before still finds its own. */
  readonly #links = new WeakMap<CredentialSettings, PlacedLink>();
  /** The strategies in force, by place: a catalog keeps the settings of an API that stayed as it was, whose provider or connection may be another one now. */
  #inForce: ReadonlyMap<string, CredentialStrategy> = new Map();

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
      const texts = new Map([...snapshot.settings.apis, ...snapshot.settings.servers].map((upstream) => [upstream, JSON.stringify(upstream)]));
      const placed = placedCredentials(snapshot.settings).flatMap(({ settings, setting, upstream }) => {
        const strategy = links.get(settings);
        return strategy ? [{ settings, place: `${setting.replace(/^[^.]+/, '')} ${texts.get(upstream)}`, strategy }] : [];
      });
      return () => {
        for (const { settings, ...link } of placed) this.#links.set(settings, link);
        this.#inForce = new Map(placed.map(({ place, strategy }) => [place, strategy]));
      };
    });
  }

  /**
   * @param scopes the API's scopes that the caller holds
   * @throws GatewayError before any network access when no link is for this kind of caller
   */
  async obtain(call: CallContext, upstream: Pick<CredentialedSettings, 'name' | 'credentials'>, scopes: readonly string[]): Promise<Credential> {
    const links = chooseLinks(upstream.credentials, call.caller.kind);
    if (links.length === 0) throw new GatewayError(NO_CREDENTIAL, `${describeUpstream(upstream)} declares no credential for a ${call.caller.kind}`);
    for (const link of links) {
      const credential = await this.#strategyOf(link, upstream).obtain(call, scopes);
      if (credential) return credential;
    }
    throw new GatewayError(NO_CREDENTIAL, `nothing that ${describeUpstream(upstream)} declares has a credential for you`);
  }

  /** What a server's definitions are read with: the gateway's own, whoever calls. */
  async obtainForDiscovery(call: CallContext, server: Pick<ServerSettings, 'name' | 'url' | 'discovery'>): Promise<Credential | undefined> {
    return server.discovery && this.#strategyOf(server.discovery, server).obtain(call, []);
  }

  #strategyOf(link: CredentialSettings, upstream: Pick<CredentialedSettings, 'name'>): CredentialStrategy {
    const known = this.#links.get(link);
    const strategy = known && (this.#inForce.get(known.place) ?? known.strategy);
    if (!strategy) throw new GatewayError(CHANGED, `the credentials of ${describeUpstream(upstream)} have just changed; try again`);
    return strategy;
  }
}
