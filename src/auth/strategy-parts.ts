import { createEgressAgent, type Egress, type EgressAgent } from '@gatehouse-mcp/egress';
import { createIssuerFetch, discoverIssuer, IssuerKeys, type IssuerFetch } from '@gatehouse-mcp/oauth';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { LiveSnapshot } from '../config/live-configuration.js';
import type { SecretReader } from '../config/secret-reference.js';
import { createProviderFetch } from './provider.http.js';
import type { KeyLookup, KeysOptions, StrategyContext } from './strategies/strategy.js';

/** IdP endpoints answer in this many milliseconds or count as down. */
const PROVIDER_TIMEOUT_MS = 2_000;

/** Each has a breaker of its own for each provider. */
export type FetchPurpose = 'verification' | 'legacy discovery' | 'pages';

/** What strategies are made from: the way to their providers, keys that outlive a revision, secrets. */
export class StrategyParts implements OnApplicationShutdown {
  readonly #agent: EgressAgent;
  readonly #fetch: IssuerFetch;
  /** By issuer, JWKS address and default algorithm. */
  readonly #keys = new Map<string, IssuerKeys>();
  /** By purpose and provider id: breakers outlive a revision. */
  readonly #fetches = new Map<string, IssuerFetch>();

  constructor(
    egress: () => Egress,
    private readonly files: SecretReader,
    private readonly apiKeys: KeyLookup,
  ) {
    this.#agent = createEgressAgent(egress, { connectTimeout: PROVIDER_TIMEOUT_MS });
    this.#fetch = createIssuerFetch(this.#agent, PROVIDER_TIMEOUT_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.destroy();
  }

  contextOf(id: string, { settings, secrets }: Pick<LiveSnapshot, 'settings' | 'secrets'>): StrategyContext {
    const provider = settings.providers[id];
    if (!provider) throw new Error(`there is no provider ${id}`);
    return {
      id,
      settings: provider,
      tenants: settings.tenants,
      fetch: this.fetchFor(id, 'verification'),
      keys: (issuer, options) => this.#keysOf(issuer, options),
      secret: (reference) => {
        const secret = secrets.get(reference);
        if (!secret) throw new Error(`the secret of provider ${id} was not read`);
        return secret;
      },
      file: (reference) => this.files.pathOf(reference),
      apiKeys: this.apiKeys,
    };
  }

  /** The way to a provider for one purpose, behind a breaker of its own: what anybody may ask for must not stop verification. */
  fetchFor(id: string, purpose: FetchPurpose): IssuerFetch {
    const name = `${purpose} ${id}`;
    const fetch = this.#fetches.get(name) ?? createProviderFetch(id, this.#fetch);
    this.#fetches.set(name, fetch);
    return fetch;
  }

  #keysOf(issuer: string, { jwksUri, algorithm }: KeysOptions = {}): IssuerKeys {
    const name = `${issuer} ${jwksUri ?? ''} ${algorithm ?? ''}`;
    const keys = this.#keys.get(name) ?? new IssuerKeys(() => this.#fetchJwks(issuer, jwksUri), { issuer, defaultAlgorithm: algorithm });
    this.#keys.set(name, keys);
    return keys;
  }

  /** Metadata and keys together in the one time: whoever waits for an unknown key waits for both. */
  async #fetchJwks(issuer: string, configured: string | undefined): Promise<unknown> {
    const signal = AbortSignal.timeout(PROVIDER_TIMEOUT_MS);
    const fetch: IssuerFetch = (url, init) => this.#fetch(url, { ...init, signal });
    const url = configured ?? (await discoverIssuer(issuer, fetch)).jwksUri;
    if (url === undefined) throw new Error(`the metadata of ${issuer} has no jwks_uri`);
    const response = await fetch(url, { headers: { accept: 'application/json' } });
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
    return response.json();
  }
}
