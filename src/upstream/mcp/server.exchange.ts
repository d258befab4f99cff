import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@gatehouse-mcp/openapi-tools';
import { ExpectedAnswer, isRecord, PeerError, type PeerRequest } from '../../catalog/servers/expected-answer.js';
import { INITIALIZE, LEGACY, MODERN } from '../../catalog/servers/mcp.revisions.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { UpstreamError } from '../upstream.error.js';
import type { ExchangeEnd } from './message.reader.js';
import { modernHeaders, modernRequest } from './modern.request.js';
import type { ServerSession } from './session.map.js';
import { post, type Line } from './server.wire.js';

const REDIRECT = { code: 'upstream_redirect', status: 502 };
const BROKEN = { code: 'upstream_broken', status: 502 };
const UNSUPPORTED = { code: 'upstream_unsupported', status: 502 };

/** The server answered with an HTTP status and no message. */
export class ServerStatusError extends UpstreamError {
  constructor(
    readonly httpStatus: number,
    message: string,
    mayHaveRun: boolean,
  ) {
    super({ code: 'upstream_status', status: 502 }, message, mayHaveRun);
  }
}

/** What a request may say besides itself. */
type Asked = Pick<PeerRequest, 'method' | 'params' | 'onProgress'> & { readonly inputSchema?: JsonObject | undefined };

/** A request, by an id that nobody else knows. */
type Message = JsonObject & { readonly id: string };

/** Statuses of servers that did not even look at a message. */
const NOT_RUN = new Set([400, 401, 403, 404, 405, 406, 413, 415, 422, 429]);

/** One modern request, which needs nothing before it. */
export async function askModern(line: Line, { method, params, onProgress, inputSchema }: Asked): Promise<JsonObject> {
  const id = randomUUID();
  const message = modernRequest(id, method, params, onProgress && id);
  // A modern server asks nothing back on this stream: what it needs is a result of its own kind.
  return exchange(line, { message, headers: modernHeaders(method, params, inputSchema), onProgress });
}

/** One request in a legacy session. Closing the stream is no cancellation there, so the server is told. */
export async function askLegacy(line: Line, session: Pick<ServerSession, 'version' | 'id'>, { method, params, onProgress }: Asked): Promise<JsonObject> {
  const id = randomUUID();
  const message = { jsonrpc: '2.0', id, method, params: onProgress ? { ...params, _meta: { progressToken: id } } : params };
  const tell = (reply: JsonObject): void => void say(line, session, reply).catch(() => undefined);
  try {
    return await exchange(line, { message, headers: headersOf(session), onProgress, reply: tell });
  } catch (error) {
    if (line.signal.aborted && method !== 'initialize') tell({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason: 'the caller no longer waits' } });
    throw error;
  }
}

/** Opens a legacy session. @throws UpstreamError for a revision that is not spoken here */
export async function initialize(line: Line): Promise<ServerSession> {
  let id: string | undefined;
  const message = { jsonrpc: '2.0', id: randomUUID(), method: 'initialize', params: INITIALIZE };
  const heard = ({ headers }: ExchangeEnd): void => {
    const given = headers['mcp-session-id'];
    id = typeof given === 'string' && /^[\x21-\x7e]{1,1024}$/.test(given) ? given : undefined;
  };
  const { protocolVersion: version, capabilities } = await exchange(line, { message, headers: {}, heard });
  if (typeof version !== 'string' || !LEGACY.includes(version)) throw new UpstreamError(UNSUPPORTED, `MCP server "${line.server}" speaks none of the revisions ${[MODERN, ...LEGACY].join(', ')}`, false);
  const session = { version, id, capabilities: isRecord(capabilities) ? capabilities : {} };
  await say(line, session, { jsonrpc: '2.0', method: 'notifications/initialized' });
  return session;
}

/** Says something that has no answer. */
async function say(line: Line, session: Pick<ServerSession, 'version' | 'id'>, message: JsonObject): Promise<void> {
  // What is said of a call that was cancelled still has to get out.
  await post({ ...line, signal: AbortSignal.timeout(5_000) }, { message, headers: headersOf(session), take: () => false });
}

/** Ends a session at the server. */
export async function endSession(line: Line, session: ServerSession): Promise<void> {
  if (session.id !== undefined) await post({ ...line, signal: AbortSignal.timeout(5_000) }, { message: undefined, method: 'DELETE', headers: headersOf(session), take: () => false });
}

const headersOf = ({ version, id }: Pick<ServerSession, 'version' | 'id'>): Readonly<Record<string, string>> => ({ 'mcp-protocol-version': version, ...(id === undefined ? {} : { 'mcp-session-id': id }) });

interface Exchanging extends Pick<Asked, 'onProgress'> {
  readonly message: Message;
  readonly headers: Readonly<Record<string, string>>;
  /** Sends an answer to a request of the server's; by default it gets none. */
  readonly reply?: (message: JsonObject) => void;
  /** Is told how the exchange ended, before its result is read. */
  readonly heard?: (end: ExchangeEnd) => void;
}

async function exchange(line: Line, { message, headers, onProgress, reply = () => undefined, heard = () => undefined }: Exchanging): Promise<JsonObject> {
  const answer = new ExpectedAnswer({ id: message.id, onProgress, reply });
  const take = (one: unknown): boolean => {
    answer.take(one);
    return answer.isSettled;
  };
  const end = await post(line, { message, headers, take });
  heard(end);
  // Whoever has to sign in or begin anew is told by the status, whatever the words are.
  const isStatus = end.status === 401 || (end.status === 404 && headers['mcp-session-id'] !== undefined);
  if (!answer.isSettled && !isStatus) readRefusal(end, message.id, answer);
  if (!answer.isSettled) throw describeEnd(line, end);
  try {
    return await answer.result;
  } catch (error) {
    throw nameServer(line, error);
  }
}

/** A refusal may have a message of JSON-RPC in its body. */
function readRefusal({ status, text }: ExchangeEnd, id: string, answer: ExpectedAnswer): void {
  if (status < 400 || !text.trimStart().startsWith('{')) return;
  try {
    const message: unknown = JSON.parse(text);
    // One that refuses before it has read the id answers to none.
    if (isRecord(message) && isRecord(message['error'])) answer.take({ ...message, id });
  } catch {
    // No JSON: the status says what there is to say.
  }
}

function describeEnd({ server }: Line, { status }: ExchangeEnd): UpstreamError {
  const name = `MCP server "${server}"`;
  if (status >= 300 && status < 400) return new UpstreamError(REDIRECT, `${name} answered with a redirect (${status}), which is not followed`, true);
  if (status >= 200 && status < 300) return new UpstreamError(BROKEN, `${name} ended its answer without a result`, true);
  return new ServerStatusError(status, `${name} answered ${status}`, !NOT_RUN.has(status));
}

/** The server's own words, and whose they are. */
function nameServer({ server }: Line, error: unknown): unknown {
  if (error instanceof PeerError) return new PeerError(error.rpcCode, `MCP server "${server}" answered: ${error.message}`, error.data);
  if (error instanceof GatewayError) return new UpstreamError({ code: error.code, status: error.status }, `MCP server "${server}" ${error.message}`, true, error);
  return error;
}
