import { parseArguments } from '@gatehouse-mcp/openapi-tools';

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';

/** Methods whose body names one entry, and the member of `params` that does (Mcp-Name, revision 2026-07-28). */
const NAMED_BY: Readonly<Record<string, string>> = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' };

/** What a bridge must know of a host's message; the message itself goes on as its text. */
export interface HostMessage {
  readonly text: string;
  /** Undefined for a response. */
  readonly method: string | undefined;
  /** JSON text of a request's id; undefined for what wants no answer. */
  readonly id: string | undefined;
  /** The revision that a modern message claims. */
  readonly version: string | undefined;
  /** The entry that a modern request names. */
  readonly name: string | undefined;
  /** JSON text of the id of the request that this notification cancels. */
  readonly cancels: string | undefined;
}

/** @returns undefined for what is no JSON-RPC 2.0 message @throws SyntaxError for what is no JSON */
export function readHostMessage(text: string): HostMessage | undefined {
  // Ids beyond 2^53 keep their digits.
  const message: unknown = parseArguments(text);
  if (!isRecord(message) || message['jsonrpc'] !== '2.0') return undefined;
  const { method, id, params } = message;
  if (method === undefined && !('result' in message) && !('error' in message)) return undefined;
  if (method !== undefined && typeof method !== 'string') return undefined;
  if (method !== undefined && 'id' in message && !isId(id)) return undefined;
  const content = isRecord(params) ? params : {};
  const meta = isRecord(content['_meta']) ? content['_meta'] : {};
  const version = meta[VERSION_KEY];
  const named = method !== undefined && Object.hasOwn(NAMED_BY, method) ? content[NAMED_BY[method] ?? ''] : undefined;
  return {
    text,
    method,
    id: method !== undefined && isId(id) ? idText(id) : undefined,
    version: typeof version === 'string' ? version : undefined,
    name: typeof version === 'string' && typeof named === 'string' ? named : undefined,
    cancels: method === 'notifications/cancelled' && isId(content['requestId']) ? idText(content['requestId']) : undefined,
  };
}

/** The headers that a modern message owes the endpoint; none for a legacy one. */
export function modernHeaders({ version, method, name }: HostMessage): Readonly<Record<string, string>> {
  if (version === undefined) return {};
  return {
    'mcp-protocol-version': version,
    ...(method === undefined ? {} : { 'mcp-method': method }),
    ...(name === undefined ? {} : { 'mcp-name': encodeHeaderValue(name) }),
  };
}

/** A value that no plain header can carry, or that looks like an encoded one, goes as `=?base64?…?=`. */
function encodeHeaderValue(value: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !value.startsWith('=?base64?');
  return isPlain ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`;
}

type Id = string | number | bigint;

const isId = (value: unknown): value is Id => typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';

const idText = (id: Id): string => (typeof id === 'bigint' ? id.toString() : JSON.stringify(id));

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
