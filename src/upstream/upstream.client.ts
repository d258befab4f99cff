import { createCheckedAgent, EgressError } from '@gatehouse-mcp/egress';
import { describeFailure, errorCode } from '@gatehouse-mcp/oauth';
import type { HttpRequest } from '@gatehouse-mcp/openapi-tools';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Agent, Dispatcher } from 'undici';
import type { ApiSettings } from '../config/configuration.schema.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import type { CallContext } from '../context/call-context.js';
import type { Credential } from '../credentials/credential.js';
import { CallDeadline } from './call-deadline.js';
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

/** Failures that happen before a byte of the request leaves. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN']);

/** An API's answer, whatever its status. */
export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
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
  async send(call: CallContext, api: ApiSettings, request: HttpRequest, { bearer }: Credential): Promise<UpstreamAnswer> {
    const deadline = new CallDeadline(call.signal, api.timeout);
    const headers: string[] = ['accept-encoding', 'identity'];
    for (const [name, value] of request.headers) headers.push(name, value);
    if (bearer) headers.push('authorization', `Bearer ${bearer.reveal()}`);
    try {
      const { statusCode, headers: answered, body } = await this.#agent.request({
        origin: request.url.origin,
        path: request.url.pathname + request.url.search,
        // The document's method, which undici sends as it is; its type lists only the common ones.
        method: request.method as Dispatcher.HttpMethod,
        headers,
        body: request.body ?? null,
        signal: deadline.signal,
      });
      return { status: statusCode, headers: answered, body: decodeBody(answered['content-encoding'], await readBody(body, api), LARGEST_ANSWER) };
    } catch (error) {
      throw judgeFailure(error, api, deadline, call.signal);
    } finally {
      deadline.clear();
    }
  }
}

async function readBody(body: Dispatcher.ResponseData['body'], { name }: ApiSettings): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) throw new UpstreamError(TOO_LARGE, `API "${name}" answered with more than ${LARGEST_ANSWER} bytes`, true);
    chunks.push(chunk);
  }
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks, size);
}

function judgeFailure(error: unknown, { name, timeout }: ApiSettings, deadline: CallDeadline, caller: AbortSignal): UpstreamError {
  if (error instanceof UpstreamError) return error;
  if (error instanceof EgressError) return new UpstreamError(DENIED, `API "${name}": ${error.message}`, false, error);
  if (caller.aborted) return new UpstreamError(CANCELLED, 'the call was cancelled', true, error);
  if (deadline.isOver) return new UpstreamError(TIMEOUT, `API "${name}" did not answer within ${timeout / 1_000} s`, true, error);
  const reason = describeFailure(error);
  if (NOT_SENT.has(errorCode(error) ?? '')) return new UpstreamError(UNREACHABLE, `API "${name}" cannot be reached (${reason})`, false, error);
  return new UpstreamError(BROKEN, `API "${name}" gave no complete answer (${reason})`, true, error);
}
