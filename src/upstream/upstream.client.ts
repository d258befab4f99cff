import { createCheckedAgent, EgressError } from '@gatehouse-mcp/egress';
import { describeFailure } from '@gatehouse-mcp/oauth';
import type { HttpRequest } from '@gatehouse-mcp/openapi-tools';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Agent, Dispatcher } from 'undici';
import type { ApiSettings } from '../config/configuration.schema.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import type { CallContext } from '../context/call-context.js';
import type { Credential } from '../credentials/credential.js';
import { AnswerCollector, AnswerTooLargeError, type CollectedAnswer } from './answer.collector.js';
import { decodeBody } from './content-encoding.js';
import { UpstreamError } from './upstream.error.js';

const UNREACHABLE = { code: 'upstream_unreachable', status: 502 };
const BROKEN = { code: 'upstream_broken', status: 502 };
const TOO_LARGE = { code: 'upstream_too_large', status: 502 };
const TIMEOUT = { code: 'upstream_timeout', status: 504 };
const CANCELLED = { code: 'cancelled', status: 499 };
const DENIED = { code: 'egress_denied', status: 502 };

/** Largest answer that is read, in decoded bytes. */
const LARGEST_ANSWER = 10 * 1024 * 1024;

class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** The wire: one request to an API, through checked egress, within a deadline, redirects not followed. Nothing inbound goes along. */
@Injectable()
export class UpstreamClient implements OnApplicationShutdown {
  readonly #agent: Agent;

  constructor(live: LiveConfiguration) {
    this.#agent = createCheckedAgent(() => live.current.egress);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.destroy();
  }

  /** @throws UpstreamError when there is no answer, or one that is too large */
  async send(call: CallContext, api: ApiSettings, request: HttpRequest, credential: Credential): Promise<CollectedAnswer> {
    const collector = new AnswerCollector(LARGEST_ANSWER);
    const cancel = () => collector.stop(new Error('cancelled'));
    const deadline = setTimeout(() => collector.stop(new DeadlineError('the deadline has passed')), api.timeout);
    call.signal.addEventListener('abort', cancel);
    try {
      call.signal.throwIfAborted();
      this.#agent.dispatch(describeRequest(request, credential), collector);
      const answer = await collector.answer;
      return { ...answer, body: decodeBody(answer.headers['content-encoding'], answer.body, LARGEST_ANSWER) };
    } catch (error) {
      throw judgeFailure(error, api, call.signal, collector.hasStarted);
    } finally {
      clearTimeout(deadline);
      call.signal.removeEventListener('abort', cancel);
    }
  }
}

function describeRequest({ method, url, headers, body }: HttpRequest, { bearer }: Credential): Dispatcher.DispatchOptions & { origin: string } {
  const sent: string[] = ['accept-encoding', 'identity'];
  for (const [name, value] of headers) sent.push(name, value);
  if (bearer) sent.push('authorization', `Bearer ${bearer.reveal()}`);
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    // The document's method, which undici sends as it is; its type lists only the common ones.
    method: method as Dispatcher.HttpMethod,
    headers: sent,
    body: body ?? null,
  };
}

function judgeFailure(error: unknown, { name, timeout }: ApiSettings, caller: AbortSignal, mayHaveRun: boolean): UpstreamError {
  if (error instanceof EgressError) return new UpstreamError(DENIED, `API "${name}": ${error.message}`, false, error);
  if (caller.aborted) return new UpstreamError(CANCELLED, 'the call was cancelled', mayHaveRun, error);
  if (error instanceof DeadlineError) return new UpstreamError(TIMEOUT, `API "${name}" did not answer within ${timeout / 1_000} s`, mayHaveRun, error);
  if (error instanceof AnswerTooLargeError) return new UpstreamError(TOO_LARGE, `API "${name}" answered with more than ${LARGEST_ANSWER} bytes`, true, error);
  const reason = describeFailure(error);
  if (!mayHaveRun) return new UpstreamError(UNREACHABLE, `API "${name}" cannot be reached (${reason})`, false, error);
  return new UpstreamError(BROKEN, `API "${name}" gave no complete answer (${reason})`, true, error);
}
