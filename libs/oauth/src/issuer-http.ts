import { fetch as undiciFetch, type Dispatcher } from 'undici';

/** A fetch for one issuer's endpoints: bounded in time, no redirects, through the dispatcher that checks egress. */
export type IssuerFetch = (url: string, init?: IssuerRequest) => Promise<Response>;

/** The part of a fetch request that OAuth endpoints use. */
export interface IssuerRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/**
 * @param dispatcher the checked egress agent
 * @param timeout milliseconds for a whole exchange; the caller's own signal aborts as well
 */
export function createIssuerFetch(dispatcher: Dispatcher, timeout: number): IssuerFetch {
  return async (url, { signal, ...init } = {}) => {
    const limit = AbortSignal.timeout(timeout);
    const response = await undiciFetch(url, {
      ...init,
      dispatcher,
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    // undici's Response is the platform's in all but its TypeScript declaration.
    return response as unknown as Response;
  };
}
