import type { JsonObject } from '@gatehouse-mcp/openapi-tools';
import type { PeerRequest } from '../../catalog/servers/expected-answer.js';
import { PeerError } from '../../catalog/servers/expected-answer.js';
import type { MountedOrigin } from '../../catalog/servers/mcp.origin.js';
import { MemoryPeer } from '../../catalog/servers/memory.peer.js';
import type { CallContext } from '../../context/call-context.js';
import { GatewayError } from '../../errors/gateway.error.js';

const TOO_LATE = { code: 'native_timeout', status: 504 };

/** Longest that a mounted server may take, in milliseconds. */
const LONGEST = 30_000;

/** Asks a server that is made for this one call and nobody else's, and ended with it. */
export async function askMounted(call: CallContext, { name, make }: MountedOrigin, request: Omit<PeerRequest, 'signal'>): Promise<JsonObject> {
  const limit = AbortSignal.timeout(LONGEST);
  const signal = AbortSignal.any([call.signal, limit]);
  const server = await make(Object.freeze({ ...call, signal }));
  try {
    const peer = await MemoryPeer.open(server, signal);
    return await peer.request({ ...request, signal });
  } catch (error) {
    if (limit.aborted) throw new GatewayError(TOO_LATE, `${name} took longer than ${LONGEST / 1_000} s`);
    throw error instanceof PeerError ? new PeerError(error.rpcCode, `${name}: ${error.message}`, error.data) : error;
  } finally {
    await server.close();
  }
}
