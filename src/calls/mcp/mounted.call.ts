import { writeJson, type JsonObject } from '@gatehouse-mcp/openapi-tools';
import { PeerError, type PeerRequest } from '../../catalog/servers/expected-answer.js';
import type { MountedOrigin, MountedServer } from '../../catalog/servers/mcp.origin.js';
import { MemoryPeer } from '../../catalog/servers/memory.peer.js';
import type { CallContext } from '../../context/call-context.js';
import { GatewayError } from '../../errors/gateway.error.js';

const TOO_LATE = { code: 'native_timeout', status: 504 };
const TOO_LARGE = { code: 'native_result_too_large', status: 502 };
const CANCELLED = { code: 'cancelled', status: 499 };

/** Longest that a mounted server may take, in milliseconds. */
const LONGEST = 30_000;
/** Most characters of a result. */
const LARGEST = 4 * 1024 * 1024;

/** Asks a server that is made for this one call and nobody else's, and ended with it. The caller's token is not its to have. */
export async function askMounted(call: CallContext, { name, make }: MountedOrigin, request: Omit<PeerRequest, 'signal'>): Promise<JsonObject> {
  const limit = AbortSignal.timeout(LONGEST);
  const signal = AbortSignal.any([call.signal, limit]);
  const context = Object.freeze({ ...call, subjectToken: undefined, signal });
  try {
    const result = await orAborted(signal, serve(Promise.resolve().then(() => make(context)), request, signal));
    if (writeJson(result).length > LARGEST) throw new GatewayError(TOO_LARGE, `the result of ${name} is too large`);
    return result;
  } catch (error) {
    if (call.signal.aborted) throw new GatewayError(CANCELLED, 'the call was cancelled', { cause: error });
    if (limit.aborted) throw new GatewayError(TOO_LATE, `${name} took longer than ${LONGEST / 1_000} s`, { cause: error });
    throw error instanceof PeerError ? new PeerError(error.rpcCode, `${name}: ${error.message}`, error.data) : error;
  }
}

async function serve(made: Promise<MountedServer>, request: Omit<PeerRequest, 'signal'>, signal: AbortSignal): Promise<JsonObject> {
  // One that is made too late is ended all the same.
  const server = await made;
  try {
    const peer = await MemoryPeer.open(server, signal);
    return await peer.request({ ...request, signal });
  } finally {
    await server.close();
  }
}

/** Whatever its author's code waits for, nobody waits longer than the signal. */
async function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  // Whichever comes second is nobody's any more.
  work.catch(() => undefined);
  aborted.promise.catch(() => undefined);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
