import { type EndpointAnswer, readText } from './exchange.js';
import type { HostMessage } from './host-message.js';

/** Longest message in either direction, in characters; a file of 10 MiB fits as base64. */
export const LONGEST_MESSAGE = 32 * 1024 * 1024;

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const INTERNAL_ERROR = -32603;

/** A line for the host, or why there is none. */
export type Judged = { readonly line: string } | { readonly problem: string };

/** What the host is told in place of an answer. @param id JSON text of the request's id */
export function errorLine(id: string, code: number, message: string): string {
  return `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify({ code, message })}}`;
}

/** JSON has line feeds only between its tokens, where a space means the same. */
export const toLine = (json: string): string => json.replaceAll(/[\r\n]+/g, ' ').trim();

/** Reads an answer that is no stream of events, and judges it. */
export async function readAnswer(message: HostMessage, answer: EndpointAnswer): Promise<Judged> {
  return judgeAnswer(message, answer.status, answer.header('content-type'), await readText(answer, LONGEST_MESSAGE));
}

/** @returns the JSON-RPC message that came, as it came; an error for this request when it is about no request or no JSON-RPC at all */
export function judgeAnswer({ id }: Pick<HostMessage, 'id'>, status: number, type: string | undefined, text: string): Judged {
  const body = parseObject(text);
  if (body?.['jsonrpc'] === '2.0' && ('result' in body || 'error' in body)) {
    if (id === undefined || body['id'] !== null || !('error' in body)) return { line: toLine(text) };
    return { line: `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify(body['error'])}}` };
  }
  return { problem: describeRefusal(status, type, body) };
}

function describeRefusal(status: number, type: string | undefined, body: Readonly<Record<string, unknown>> | undefined): string {
  const said = [body?.['error_description'], body?.['message'], body?.['error']].find((text) => typeof text === 'string');
  if (typeof said === 'string') return `the server answered ${status}: ${said.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 500)}`;
  if (status === 202 || status === 204) return 'the server took the request and gave no answer';
  return `the server answered ${status} with ${type ?? 'no content'}, which is no MCP: is this the URL of an MCP endpoint, with its path (a Gatehouse's ends in /mcp)?`;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
