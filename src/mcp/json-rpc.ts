import type { JSONRPCResponse } from '@modelcontextprotocol/server';

/** Codes that JSON-RPC 2.0 and MCP reserve. */
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const INVALID_PARAMS = -32602;
export const HEADER_MISMATCH = -32020;
export const UNSUPPORTED_VERSION = -32022;

/** The JSON text of a message. Its parts go out one after another: bytes that are kept for many answers are copied into none. */
export type MessageText = readonly (string | Buffer)[];

/** An HTTP answer of the MCP endpoint; no body where the protocol wants none. */
export interface McpAnswer {
  readonly status: number;
  readonly body: MessageText | undefined;
}

/** A member of a result that is already JSON text: put in as it is, where parsing and writing it again would cost most of a call. */
export interface RawMember {
  readonly name: 'tools' | 'structuredContent';
  readonly json: string | Buffer;
}

/** The text of a response, with the raw member in the place of the value that stood for it. */
export function writeResponse(response: JSONRPCResponse, raw: RawMember | undefined): MessageText {
  if (!raw || !('result' in response)) return [JSON.stringify(response)];
  const { [raw.name]: _, ...rest } = response.result;
  const others = JSON.stringify(rest);
  const members = others === '{}' ? '' : `,${others.slice(1, -1)}`;
  const start = `{"jsonrpc":"2.0","id":${JSON.stringify(response.id)},"result":{"${raw.name}":`;
  const end = `${members}}}`;
  return typeof raw.json === 'string' ? [start + raw.json + end] : [start, raw.json, end];
}

/** The text in one piece, for a transport that sends messages as events or lines. */
export const joinText = (text: MessageText): string => text.map(String).join('');

/** An error answer that the SDK never saw. */
export function errorAnswer(status: number, id: unknown, code: number, message: string, data?: unknown): McpAnswer {
  const known = typeof id === 'string' || typeof id === 'number' ? id : null;
  return { status, body: [JSON.stringify({ jsonrpc: '2.0', id: known, error: { code, message, ...(data === undefined ? {} : { data }) } })] };
}
