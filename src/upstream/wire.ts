import { EgressError } from '@gatehouse-mcp/egress';
import { describeFailure } from '@gatehouse-mcp/oauth';
import type { HttpRequest } from '@gatehouse-mcp/openapi-tools';
import type { Dispatcher } from 'undici';
import { AnswerCollector, AnswerTooLargeError, type CollectedAnswer } from './answer.collector.js';
import { decodeBody } from './content-encoding.js';
import { UpstreamError } from './upstream.error.js';

export const UNREACHABLE = { code: 'upstream_unreachable', status: 502 };
export const BROKEN = { code: 'upstream_broken', status: 502 };
export const TOO_LARGE = { code: 'upstream_too_large', status: 502 };
export const TIMEOUT = { code: 'upstream_timeout', status: 504 };
export const CANCELLED = { code: 'cancelled', status: 499 };
export const DENIED = { code: 'egress_denied', status: 502 };

/** Largest answer that is read, in decoded bytes. */
export const LARGEST_ANSWER = 10 * 1024 * 1024;

class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

export interface ExchangeOptions {
  /** Name of the API, for messages. */
  readonly api: string;
  /** Milliseconds until the whole answer must be there. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * One request to an API within a deadline, redirects not followed. Nothing inbound goes along: what is sent is the request.
 * @throws UpstreamError when there is no answer, or one that is too large
 */
export async function exchange(dispatcher: Dispatcher, request: HttpRequest, options: ExchangeOptions): Promise<CollectedAnswer> {
  const { signal, timeout } = options;
  const collector = new AnswerCollector(LARGEST_ANSWER);
  const cancel = () => collector.stop(new Error('cancelled'));
  const deadline = setTimeout(() => collector.stopAtDeadline(new DeadlineError('the deadline has passed')), timeout);
  signal.addEventListener('abort', cancel);
  try {
    signal.throwIfAborted();
    dispatcher.dispatch(describeRequest(request), collector);
    const answer = await collector.answer;
    return { ...answer, body: decodeBody(answer.headers['content-encoding'], answer.body, LARGEST_ANSWER) };
  } catch (error) {
    throw judgeFailure(error, options, collector.hasStarted);
  } finally {
    clearTimeout(deadline);
    signal.removeEventListener('abort', cancel);
  }
}

export function describeRequest({ method, url, headers, body }: HttpRequest): Dispatcher.DispatchOptions & { origin: string } {
  const sent: string[] = ['accept-encoding', 'identity'];
  for (const [name, value] of headers) sent.push(name, value);
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    // The document's method, which undici sends as it is; its type lists only the common ones.
    method: method as Dispatcher.HttpMethod,
    headers: sent,
    body: body ?? null,
  };
}

function judgeFailure(error: unknown, { api, timeout, signal }: ExchangeOptions, mayHaveRun: boolean): UpstreamError {
  if (error instanceof EgressError) return new UpstreamError(DENIED, `API "${api}": ${error.message}`, false, error);
  if (signal.aborted) return new UpstreamError(CANCELLED, 'the call was cancelled', mayHaveRun, error);
  if (error instanceof DeadlineError) return new UpstreamError(TIMEOUT, `API "${api}" did not answer within ${timeout / 1_000} s`, mayHaveRun, error);
  if (error instanceof AnswerTooLargeError) return new UpstreamError(TOO_LARGE, `API "${api}" answered with more than ${LARGEST_ANSWER} bytes`, true, error);
  const reason = describeFailure(error);
  if (!mayHaveRun) return new UpstreamError(UNREACHABLE, `API "${api}" cannot be reached (${reason})`, false, error);
  return new UpstreamError(BROKEN, `API "${api}" gave no complete answer (${reason})`, true, error);
}
