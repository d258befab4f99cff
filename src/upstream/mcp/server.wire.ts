import { EgressError } from '@gatehouse-mcp/egress';
import { describeFailure } from '@gatehouse-mcp/oauth';
import { writeJson, type HttpRequest, type JsonObject } from '@gatehouse-mcp/openapi-tools';
import type { Dispatcher } from 'undici';
import { GatewayError } from '../../errors/gateway.error.js';
import type { Placement } from '../../context/credential.js';
import { AnswerTooLargeError } from '../answer.collector.js';
import { placeCredential } from '../credential.placement.js';
import { UpstreamError } from '../upstream.error.js';
import { CANCELLED, describeRequest, DENIED, LARGEST_ANSWER, TIMEOUT, TOO_LARGE, UNREACHABLE, BROKEN } from '../wire.js';
import { MessageReader, type ExchangeEnd } from './message.reader.js';

/** A server as it is reached for one caller. */
export interface Line {
  /** Name of the server, for messages. */
  readonly server: string;
  readonly url: string;
  /** Of the tenant whose server it is: what may be connected. */
  readonly dispatcher: Dispatcher;
  readonly placement: Placement | undefined;
  /** Aborts at the deadline too. */
  readonly signal: AbortSignal;
  /** Milliseconds until the deadline, for messages. */
  readonly timeout: number;
}

export interface Posting {
  readonly message: JsonObject | undefined;
  /** A message is posted; a session is ended by DELETE. */
  readonly method?: 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly take: (message: unknown) => boolean;
}

/**
 * One exchange with a server: redirects are not followed, and nothing inbound goes along.
 * @throws UpstreamError when there is no answer, or one that is too large; GatewayError of `take`
 */
export async function post(line: Line, { message, method = 'POST', headers, take }: Posting): Promise<ExchangeEnd> {
  const reader = new MessageReader({ limit: LARGEST_ANSWER, take });
  const stop = (): void => reader.stop(new Error('stopped'));
  line.signal.addEventListener('abort', stop, { once: true });
  try {
    line.signal.throwIfAborted();
    line.dispatcher.dispatch(describeRequest(requestOf(line, message, method, headers)), reader);
    return await reader.end;
  } catch (error) {
    throw judgeFailure(error, line, reader.hasStarted);
  } finally {
    line.signal.removeEventListener('abort', stop);
  }
}

function requestOf({ url, placement }: Line, message: JsonObject | undefined, method: string, headers: Readonly<Record<string, string>>): HttpRequest {
  const all = Object.entries({ 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers });
  const request: HttpRequest = { method, url: new URL(url), headers: all, ...(message === undefined ? {} : { body: Buffer.from(writeJson(message)) }) };
  return placement ? placeCredential(request, placement) : request;
}

function judgeFailure(error: unknown, { server, signal, timeout }: Line, mayHaveRun: boolean): GatewayError {
  const name = `MCP server "${server}"`;
  if (error instanceof EgressError) return new UpstreamError(DENIED, `${name}: ${error.message}`, false, error);
  if (signal.aborted && isTimeout(signal.reason)) return new UpstreamError(TIMEOUT, `${name} did not answer within ${timeout / 1_000} s`, mayHaveRun, error);
  if (signal.aborted) return new UpstreamError(CANCELLED, 'the call was cancelled', mayHaveRun, error);
  if (error instanceof AnswerTooLargeError) return new UpstreamError(TOO_LARGE, `${name} answered with more than ${LARGEST_ANSWER} bytes`, true, error);
  if (error instanceof SyntaxError) return new UpstreamError(BROKEN, `${name} answered with what is no JSON`, true, error);
  const reason = describeFailure(error);
  if (!mayHaveRun) return new UpstreamError(UNREACHABLE, `${name} cannot be reached (${reason})`, false, error);
  return new UpstreamError(BROKEN, `${name} gave no complete answer (${reason})`, true, error);
}

const isTimeout = (reason: unknown): boolean => reason instanceof DOMException && reason.name === 'TimeoutError';
