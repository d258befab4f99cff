import { discoverIssuer, type IssuerMetadata } from '@gatehouse-mcp/oauth';
import { canonicalIssuer } from '../config/provider-identity.js';
import type { ProviderSettings } from '../config/provider.schema.js';
import { GatewayError } from '../errors/gateway.error.js';
import { providerUnavailable } from './provider.http.js';
import type { FetchPurpose, StrategyParts } from './strategy-parts.js';

/** Milliseconds that a provider's metadata are not fetched again. */
const KEEP_MS = 5 * 60_000;

/** The metadata of configured providers, for one purpose. */
export class ProviderMetadata {
  /** By issuer. */
  readonly #known = new Map<string, { readonly value: Promise<IssuerMetadata>; readonly dropAt: number }>();

  constructor(
    private readonly parts: Pick<StrategyParts, 'fetchFor'>,
    private readonly purpose: FetchPurpose,
  ) {}

  /** @throws GatewayError 503 */
  async read(id: string, settings: ProviderSettings): Promise<IssuerMetadata> {
    const issuer = canonicalIssuer(settings) ?? '';
    const known = this.#known.get(issuer);
    const value = known && performance.now() < known.dropAt ? known.value : discoverIssuer(issuer, this.parts.fetchFor(id, this.purpose));
    if (value !== known?.value) this.#known.set(issuer, { value, dropAt: performance.now() + KEEP_MS });
    try {
      return await value;
    } catch (error) {
      this.#known.delete(issuer);
      throw error instanceof GatewayError ? error : providerUnavailable(`the metadata of the identity provider "${id}" cannot be read now`, error);
    }
  }
}
