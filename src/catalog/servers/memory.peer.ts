import type { JsonObject } from '@gatehouse-mcp/openapi-tools';
import { ExpectedAnswer, isRecord, type PeerRequest } from './expected-answer.js';
import { INITIALIZE } from './mcp.revisions.js';
import type { MountedServer, MountTransport, PeerMessage } from './mcp.origin.js';

/** Our side of a connection in memory to a server that was made for one call. */
export class MemoryPeer {
  readonly #server: MountedServer;
  readonly #transport: MountTransport;
  #awaited: ExpectedAnswer | undefined;
  #requests = 0;
  /** What the server declared that it has. */
  capabilities: JsonObject = {};

  private constructor(server: MountedServer) {
    this.#server = server;
    this.#transport = {
      start: async () => undefined,
      send: async (message: PeerMessage) => this.#awaited?.take(message),
      close: async () => this.#transport.onclose?.(),
    };
  }

  /** Connects and initializes, as a client of the legacy era does. */
  static async open(server: MountedServer, signal: AbortSignal): Promise<MemoryPeer> {
    const peer = new MemoryPeer(server);
    await server.connect(peer.#transport);
    const { capabilities } = await peer.request({ method: 'initialize', params: INITIALIZE, signal });
    peer.capabilities = isRecord(capabilities) ? capabilities : {};
    peer.#give({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return peer;
  }

  /** One request at a time. @throws PeerError, GatewayError; the signal's reason once it aborts, after the server was told */
  async request({ method, params, signal, onProgress }: PeerRequest): Promise<JsonObject> {
    this.#requests += 1;
    const id = `gatehouse-${this.#requests}`;
    const answer = new ExpectedAnswer({ id, onProgress, reply: (message) => this.#give(message) });
    const cancel = (): void => {
      this.#give({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason: 'cancelled' } });
      answer.fail(signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
    };
    signal.throwIfAborted();
    signal.addEventListener('abort', cancel, { once: true });
    this.#awaited = answer;
    try {
      this.#give({ jsonrpc: '2.0', id, method, params: onProgress ? { ...params, _meta: { progressToken: id } } : params });
      return await answer.result;
    } finally {
      signal.removeEventListener('abort', cancel);
      this.#awaited = undefined;
    }
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  #give(message: PeerMessage): void {
    // A server of any SDK takes messages as its own type, which this is in JSON.
    this.#transport.onmessage?.(message as never);
  }
}
