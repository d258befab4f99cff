import type { Readable } from 'node:stream';
import { fetch as undiciFetch, type Dispatcher } from 'undici';

/** A fetch for one issuer's endpoints: bounded in time, no redirects, through the dispatcher that checks egress. */
export type IssuerFetch = (url: string, init?: IssuerRequest) => Promise<Response>;

/** The part of a fetch request that OAuth endpoints use. */
export interface IssuerRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** Awaited when the connection stands and no byte of the body has been sent; when it throws, none is. */
  readonly beforeSending?: (() => Promise<void>) | undefined;
}

/**
 * @param dispatcher the checked egress agent
 * @param timeout milliseconds for a whole exchange; the caller's own signal aborts as well
 */
export function createIssuerFetch(dispatcher: Dispatcher, timeout: number): IssuerFetch {
  return async (url, { signal, beforeSending, ...init } = {}) => {
    const limit = AbortSignal.timeout(timeout);
    const response = await undiciFetch(url, {
      ...init,
      dispatcher: beforeSending ? dispatcher.compose(holdBody(beforeSending)) : dispatcher,
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    // undici's Response is the platform's in all but its TypeScript declaration.
    return response as unknown as Response;
  };
}

/** undici writes a request's head with the first bytes of a body that it iterates, and begins to iterate once it has a connection. */
function holdBody(beforeSending: () => Promise<void>): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const body: unknown = hold(options.body, beforeSending);
    // undici takes iterables without declaring it.
    return dispatch({ ...options, body: body as Readable }, handler);
  };
}

/** @param body a fetch hands over an iterable, whatever its body was made of */
async function* hold(body: unknown, beforeSending: () => Promise<void>): AsyncGenerator<Uint8Array> {
  await beforeSending();
  yield* body as AsyncIterable<Uint8Array>;
}

/** What a fetch throws in place of an answer that says nothing; `message` reads after the endpoint's name. */
export class EndpointUnavailableError extends Error {
  override readonly name = 'EndpointUnavailableError';

  constructor(
    message: string,
    /** Seconds until it is worth asking again, when the endpoint or we know. */
    readonly retryAfter: number | undefined,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/**
 * Reads whole answers, and no more of them than is needed.
 * @param limit bytes of a body, decoded
 * @returns a fetch that throws EndpointUnavailableError for an answer with more
 */
export function boundAnswers(fetch: IssuerFetch, limit: number): IssuerFetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      // Leaving the loop cancels the body.
      if (size > limit) throw new EndpointUnavailableError(`answered with more than ${limit} bytes`, undefined);
      chunks.push(chunk);
    }
    const hasBody = response.status !== 204 && response.status !== 205 && response.status !== 304;
    return new Response(hasBody ? Buffer.concat(chunks) : null, { status: response.status, headers: response.headers });
  };
}
