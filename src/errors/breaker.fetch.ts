import { EndpointUnavailableError, type IssuerFetch } from '@gatehouse-mcp/oauth';
import { BrokenCircuitError, circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';

/** Failures in a row after which an endpoint is left alone. */
const FAILURES = 5;
/** Milliseconds until one request may try it again. */
export const PAUSE_MS = 10_000;

/**
 * Endpoints behind one breaker: what cannot be reached, answers 5xx or refuses for haste is not asked on.
 * @returns a fetch whose answers are below 500 and not 429; it throws EndpointUnavailableError for all else
 */
export function createBreakerFetch(fetch: IssuerFetch): IssuerFetch {
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: PAUSE_MS, breaker: new ConsecutiveBreaker(FAILURES) });
  return async (url, init) => {
    try {
      return await breaker.execute(async () => {
        const response = await fetch(url, init);
        if (response.status < 500 && response.status !== 429) return response;
        await response.body?.cancel();
        throw new EndpointUnavailableError(`answered ${response.status}`, readRetryAfter(response.headers.get('retry-after')));
      });
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw new EndpointUnavailableError('does not answer; it is tried again shortly', undefined, error);
      throw error;
    }
  };
}

/** Seconds, or the date until which to wait (RFC 9110 §10.2.3). */
function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,4}$/.test(value)) return Number(value);
  const seconds = Math.ceil((Date.parse(value) - Date.now()) / 1_000);
  return seconds > 0 && seconds < 10_000 ? seconds : undefined;
}
