import { EndpointUnavailableError, type IssuerFetch } from '@gatehouse-mcp/oauth';
import { BrokenCircuitError } from 'cockatiel';
import { createBreakerFetch, PAUSE_MS } from '../errors/breaker.fetch.js';
import { GatewayError } from '../errors/gateway.error.js';

/** Nobody can tell now whether the credential is good: 503 and not 401, which would make the client throw it away. */
export function providerUnavailable(message: string, cause: unknown, retryAfter: number = PAUSE_MS / 1_000): GatewayError {
  return new GatewayError({ code: 'identity_provider_unavailable', status: 503 }, message, { cause, headers: { 'retry-after': String(retryAfter) } });
}

/**
 * A provider's endpoints behind its own breaker.
 * @returns a fetch whose answers are below 500 and not 429
 * @throws GatewayError 503 from the returned fetch
 */
export function createProviderFetch(provider: string, fetch: IssuerFetch): IssuerFetch {
  const guarded = createBreakerFetch(fetch);
  return async (url, init) => {
    try {
      return await guarded(url, init);
    } catch (error) {
      if (error instanceof EndpointUnavailableError && error.cause instanceof BrokenCircuitError) {
        throw providerUnavailable(`the identity provider "${provider}" does not answer; it is tried again shortly`, error);
      }
      throw providerUnavailable(`the identity provider "${provider}" cannot be asked now`, error, error instanceof EndpointUnavailableError ? error.retryAfter : undefined);
    }
  };
}
