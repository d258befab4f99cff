import {
  classifyInboundRequest,
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type InboundClassificationOutcome,
  type JSONRPCNotification,
  type JSONRPCRequest,
  LATEST_PROTOCOL_VERSION,
  type MessageClassification,
  PROTOCOL_VERSION_META_KEY,
  SUPPORTED_PROTOCOL_VERSIONS,
  TRACEPARENT_META_KEY,
} from '@modelcontextprotocol/server';
import type { FastifyRequest } from 'fastify';
import { errorAnswer, HEADER_MISMATCH, INVALID_REQUEST, type McpAnswer, UNSUPPORTED_VERSION } from './json-rpc.js';

/** Revisions that carry their protocol version in each request. */
export const MODERN_VERSIONS: readonly string[] = ['2026-07-28'];

/** Members of `_meta` whose shape is checked here, or is nobody's to check. */
const PLAIN_META = new Set([PROTOCOL_VERSION_META_KEY, CLIENT_INFO_META_KEY, CLIENT_CAPABILITIES_META_KEY, TRACEPARENT_META_KEY]);

/** One message of either era, or the answer that it gets without being served. */
export type Inbound =
  | { readonly kind: 'modern'; readonly message: JSONRPCRequest | JSONRPCNotification; readonly classification: MessageClassification }
  | { readonly kind: 'legacy'; readonly message: JSONRPCRequest | JSONRPCNotification }
  | { readonly kind: 'answered'; readonly answer: McpAnswer };

/** Of a request's id, which comes back with its answer. */
const LONGEST_ID = 1_000;

/** The methods whose body names one entry, and the member of `params` that does (Mcp-Name, revision 2026-07-28). */
const NAMED_BY: Readonly<Record<string, string>> = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' };

/** Decides the era of a POSTed message and checks what must hold before it is served. */
export function readInbound({ headers, body }: Pick<FastifyRequest, 'headers' | 'body'>): Inbound {
  if (Array.isArray(body)) return refuse(400, body, INVALID_REQUEST, 'JSON-RPC batches are not supported');
  if (hasLongId(body)) return refuse(400, undefined, INVALID_REQUEST, `the id is longer than ${LONGEST_ID} characters`);
  const version = single(headers['mcp-protocol-version']);
  const method = single(headers['mcp-method']);
  const plain = readPlainRequest(body, version);
  const outcome: InboundClassificationOutcome = plain ?? classifyInboundRequest({
    httpMethod: 'POST',
    body,
    ...(version === undefined ? {} : { protocolVersionHeader: version }),
    ...(method === undefined ? {} : { mcpMethodHeader: method }),
  });
  if (outcome.kind === 'reject') return refuse(outcome.httpStatus, body, outcome.code, outcome.message, outcome.data);
  if (outcome.kind === 'legacy') return readLegacy(outcome.reason, body, version);
  const revision = outcome.classification.revision;
  // The same that server/discover names: a modern client cannot use the others.
  if (revision === undefined || !MODERN_VERSIONS.includes(revision)) return refuseVersion(body, revision, MODERN_VERSIONS);
  const mismatch = outcome.messageKind === 'request' ? findHeaderMismatch(outcome.message, version, method, single(headers['mcp-name'])) : undefined;
  if (mismatch !== undefined) return refuse(400, body, HEADER_MISMATCH, mismatch);
  return { kind: 'modern', message: outcome.message, classification: outcome.classification };
}

/**
 * The outcome for what nearly every message is, a plain request of either era: the SDK's classifier says the same after
 * schema validations that cost an eighth of a call, and its Server validates once more. Whatever is not plain here, in any
 * member, is the classifier's to judge.
 */
function readPlainRequest(body: unknown, version: string | undefined): InboundClassificationOutcome | undefined {
  if (!isPlainRequest(body)) return undefined;
  const meta = body.params?.['_meta'];
  if (meta !== undefined && !Object.keys(meta).every((key) => PLAIN_META.has(key))) return undefined;
  const isModern = version !== undefined && MODERN_VERSIONS.includes(version);
  if (!isModern) return meta === undefined && body.method !== 'initialize' ? { kind: 'legacy', reason: 'no-claim' } : undefined;
  const client = meta?.[CLIENT_INFO_META_KEY];
  if (meta?.[PROTOCOL_VERSION_META_KEY] !== version || !isRecord(meta[CLIENT_CAPABILITIES_META_KEY]) || !isRecord(client)) return undefined;
  if (typeof client['name'] !== 'string' || typeof client['version'] !== 'string') return undefined;
  return { kind: 'modern', messageKind: 'request', message: body, classification: { era: 'modern', revision: version } };
}

function isPlainRequest(body: unknown): body is JSONRPCRequest {
  if (!isRecord(body) || body['jsonrpc'] !== '2.0' || typeof body['method'] !== 'string') return false;
  const { id, params } = body;
  if (typeof id !== 'string' && !Number.isSafeInteger(id)) return false;
  if (Object.keys(body).length !== ('params' in body ? 4 : 3)) return false;
  return params === undefined ? !('params' in body) : isRecord(params) && (params['_meta'] === undefined || isRecord(params['_meta']));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const hasLongId = (body: unknown): boolean => isRecord(body) && typeof body['id'] === 'string' && body['id'].length > LONGEST_ID;

function readLegacy(reason: string, body: unknown, version: string | undefined): Inbound {
  if (version !== undefined && reason !== 'initialize' && !SUPPORTED_PROTOCOL_VERSIONS.includes(version)) return refuseVersion(body, version, [...MODERN_VERSIONS, ...SUPPORTED_PROTOCOL_VERSIONS]);
  // A response could only answer a request of ours, and stateless serving sends none.
  if (reason === 'response') return { kind: 'answered', answer: { status: 202, body: undefined } };
  // The classifier has proved the JSON-RPC shape; its legacy route does not carry the message.
  return { kind: 'legacy', message: body as JSONRPCRequest | JSONRPCNotification };
}

/** The headers are required on each modern request and must agree with the body, which is what is served. */
function findHeaderMismatch(message: JSONRPCRequest, version: string | undefined, method: string | undefined, name: string | undefined): string | undefined {
  if (version === undefined) return 'the MCP-Protocol-Version header is missing';
  if (method === undefined) return 'the Mcp-Method header is missing';
  if (method !== message.method) return 'the Mcp-Method header names another method than the body';
  const member = Object.hasOwn(NAMED_BY, message.method) ? NAMED_BY[message.method] : undefined;
  const named = member === undefined ? undefined : message.params?.[member];
  if (typeof named !== 'string') return undefined;
  if (name === undefined) return 'the Mcp-Name header is missing';
  return decodeHeaderValue(name) === named ? undefined : 'the Mcp-Name header names something else than the body';
}

/** A value that no plain header can carry comes as `=?base64?…?=`. */
function decodeHeaderValue(value: string): string {
  const encoded = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/.exec(value)?.[1];
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString();
}

function refuseVersion(body: unknown, requested: string | undefined, supported: readonly string[]): Inbound {
  return refuse(400, body, UNSUPPORTED_VERSION, 'the protocol version is not supported', { supported, requested: requested ?? LATEST_PROTOCOL_VERSION });
}

function refuse(status: number, body: unknown, code: number, message: string, data?: unknown): Inbound {
  const id = typeof body === 'object' && body !== null && 'id' in body ? body.id : null;
  return { kind: 'answered', answer: errorAnswer(status, id, code, message, data) };
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header?.trim();
}
