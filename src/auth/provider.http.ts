import type { IssuerFetch } from '@gatehouse-mcp/oauth';
import { BrokenCircuitError, circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';
import { GatewayError } from '../errors/gateway.error.js';

/** Failures in a row after which a provider is left alone. */
const FAILURES = 5;
/** Milliseconds until one request may try it again. */
const PAUSE_MS = 10_000;

/** Nobody can tell now whether the credential is good: 503 and not 401, which would make the client throw it away. */
export function providerUnavailable(message: string, cause: unknown, retryAfter: number = PAUSE_MS / 1_000): GatewayError {
  return new GatewayError({ code: 'identity_provider_unavailable', status: 503 }, message, { cause, headers: { 'retry-after': String(retryAfter) } });
}

/**
 * A provider's endpoints behind its own breaker: what cannot be reached, answers 5xx or refuses for haste is not asked on.
 * @returns a fetch whose answers are below 500 and not 429
 * @throws GatewayError 503 from the returned fetch
 */
export function createProviderFetch(provider: string, fetch: IssuerFetch): IssuerFetch {
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: PAUSE_MS, breaker: new ConsecutiveBreaker(FAILURES) });
  return async (url, init) => {
    try {
      return await breaker.execute(async () => {
        const response = await fetch(url, init);
        if (response.status < 500 && response.status !== 429) return response;
        await response.body?.cancel();
        throw new UnusableAnswer(response.status, response.headers.get('retry-after'));
      });
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw providerUnavailable(`the identity provider "${provider}" does not answer; it is tried again shortly`, error);
      const retryAfter = error instanceof UnusableAnswer ? error.retryAfter : undefined;
      throw providerUnavailable(`the identity provider "${provider}" cannot be asked now`, error, retryAfter);
    }
  };
}

class UnusableAnswer extends Error {
  readonly retryAfter: number | undefined;

  constructor(status: number, retryAfter: string | null) {
    super(`the provider answered ${status}`);
    this.retryAfter = retryAfter !== null && /^\d{1,4}$/.test(retryAfter) ? Number(retryAfter) : undefined;
  }
}
