/** The official MCP clients, given one list over a transport without a network. */
import { Client } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';

const serverInfo = { name: 'corpus', version: '1' };

/** Answers `initialize` and `tools/list` as a server would; every message passes through JSON text. */
class ListTransport {
  /** @type {((message: unknown) => void) | undefined} */
  onmessage;
  /** @type {(() => void) | undefined} */
  onclose;

  /** @param {string} list the result of `tools/list` */
  constructor(list) {
    this.list = list;
  }

  async start() {}

  async close() {
    this.onclose?.();
  }

  /** @param {{ id?: number | string, method?: string, params?: { protocolVersion?: string } }} message */
  async send({ id, method, params }) {
    if (id === undefined) return;
    const result =
      method === 'initialize' ? JSON.stringify({ protocolVersion: params?.protocolVersion, capabilities: { tools: {} }, serverInfo }) : method === 'tools/list' ? this.list : undefined;
    const answer = result === undefined ? `"error":{"code":-32601,"message":"no such method"}` : `"result":${result}`;
    queueMicrotask(() => this.onmessage?.(JSON.parse(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${answer}}`)));
  }
}

/**
 * @param {string} list the result of `tools/list` as JSON
 * @param {number} tools how many there are
 * @returns {Promise<string[]>} why a client does not take the list; empty when both do
 */
export async function offerToClients(list, tools) {
  const clients = { 'SDK v1': () => new ClientV1(serverInfo), 'SDK v2': () => new Client(serverInfo, { versionNegotiation: { mode: 'legacy' } }) };
  const problems = [];
  for (const [name, create] of Object.entries(clients)) {
    const client = create();
    try {
      await client.connect(/** @type {never} */ (new ListTransport(list)));
      const { tools: taken } = await client.listTools();
      if (taken.length !== tools) problems.push(`${name} sees ${taken.length} of ${tools} tools`);
    } catch (error) {
      problems.push(`${name} refuses the list: ${error instanceof Error ? error.message : String(error)}`.slice(0, 600));
    } finally {
      await client.close();
    }
  }
  return problems;
}
