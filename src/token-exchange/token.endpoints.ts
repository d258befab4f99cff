import { createEgressAgent, type Egress, type EgressAgent } from '@gatehouse-mcp/egress';
import { boundAnswers, createIssuerFetch, discoverIssuer, EndpointUnavailableError, type IssuerFetch, type IssuerMetadata } from '@gatehouse-mcp/oauth';
import type { OnApplicationShutdown } from '@nestjs/common';
import { canonicalIssuer } from '../config/provider-identity.js';
import type { ProviderSettings } from '../config/provider.schema.js';
import { createBreakerFetch } from '../errors/breaker.fetch.js';

/** Milliseconds for a whole answer. */
const TIMEOUT_MS = 5_000;
/** A token response is a few KB; a metadata document some more. */
const LARGEST_ANSWER = 256 * 1024;
/** Longest that one answer makes us wait. */
const LONGEST_WAIT_S = 120;

/** Endpoints whose breaker is kept; the one that was not asked for longest makes room. */
const MOST_ENDPOINTS = 1_000;

/** An authorization server to ask for tokens. */
export interface TokenEndpoint {
  readonly issuer: string;
  readonly url: string;
}

/** The way to token endpoints: bounded in time and size, each behind its own breaker, and left alone for as long as it asks. */
export class TokenEndpoints implements OnApplicationShutdown {
  readonly #agent: EgressAgent;
  readonly #egress: () => Egress;
  readonly #observe: (fetch: IssuerFetch) => IssuerFetch;
  /** By URL, and by tenant where it has egress lists of its own: what its list denies must not open the breaker of others. */
  readonly #fetches = new Map<string, IssuerFetch>();
  /** Metadata by issuer, and by tenant in the same way. */
  readonly #discovered = new Map<string, Promise<IssuerMetadata>>();

  /** @param observe puts something around every request, for a diagnosis */
  constructor(egress: () => Egress, observe: (fetch: IssuerFetch) => IssuerFetch = (fetch) => fetch) {
    this.#agent = createEgressAgent(egress);
    this.#egress = egress;
    this.#observe = observe;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.destroy();
  }

  /** The endpoints as one tenant may reach them. */
  forTenant(tenant: string): Pick<TokenEndpoints, 'fetchOf' | 'of' | 'metadataOf'> {
    return { fetchOf: (url) => this.fetchOf(url, tenant), of: (provider) => this.of(provider, tenant), metadataOf: (issuer) => this.metadataOf(issuer, tenant) };
  }

  /** The fetch of one endpoint. */
  fetchOf(url: string, tenant?: string): IssuerFetch {
    const name = this.#nameOf(url, tenant);
    const fetch = this.#fetches.get(name) ?? createPatientFetch(createBreakerFetch(this.#createFetch(tenant)));
    this.#fetches.delete(name);
    this.#fetches.set(name, fetch);
    const [oldest] = this.#fetches.size > MOST_ENDPOINTS ? this.#fetches.keys() : [];
    if (oldest !== undefined) this.#fetches.delete(oldest);
    return fetch;
  }

  /**
   * Where a provider issues tokens: configured, or discovered.
   * @throws Error when its metadata cannot be read or name no token endpoint
   */
  async of(provider: ProviderSettings, tenant?: string): Promise<TokenEndpoint> {
    const issuer = canonicalIssuer(provider) ?? '';
    if ('tokenEndpoint' in provider && provider.tokenEndpoint !== undefined) return { issuer, url: provider.tokenEndpoint };
    const { tokenEndpoint } = await this.metadataOf(issuer, tenant);
    if (tokenEndpoint === undefined) throw new Error(`the metadata of ${issuer} names no token endpoint`);
    return { issuer, url: tokenEndpoint };
  }

  /**
   * An issuer's metadata, discovered once; a discovery that fails is tried again by the next call.
   * @throws Error when it cannot be read
   */
  async metadataOf(issuer: string, tenant?: string): Promise<IssuerMetadata> {
    const name = this.#nameOf(issuer, tenant);
    const known = this.#discovered.get(name) ?? discoverIssuer(issuer, this.fetchOf(issuer, tenant));
    this.#discovered.set(name, known);
    try {
      return await known;
    } catch (error) {
      this.#discovered.delete(name);
      throw error;
    }
  }

  #nameOf(url: string, tenant: string | undefined): string {
    return tenant !== undefined && this.#egress().hasRulesOf(tenant) ? `${tenant} ${url}` : url;
  }

  #createFetch(tenant: string | undefined): IssuerFetch {
    const dispatcher = tenant === undefined || !this.#egress().hasRulesOf(tenant) ? this.#agent : this.#agent.forTenant(tenant);
    return this.#observe(boundAnswers(createIssuerFetch(dispatcher, TIMEOUT_MS), LARGEST_ANSWER));
  }
}

/** Asks nothing while the endpoint wants to be left alone (`Retry-After`). */
function createPatientFetch(fetch: IssuerFetch): IssuerFetch {
  let askAgainAt = 0;
  return async (url, init) => {
    const wait = Math.ceil((askAgainAt - performance.now()) / 1_000);
    if (wait > 0) throw new EndpointUnavailableError('asked to be left alone for a while', wait);
    try {
      return await fetch(url, init);
    } catch (error) {
      if (error instanceof EndpointUnavailableError && error.retryAfter !== undefined) askAgainAt = performance.now() + Math.min(error.retryAfter, LONGEST_WAIT_S) * 1_000;
      throw error;
    }
  };
}
