import { STATUS_CODES } from 'node:http';
import { decodeText, looksLikeText } from './decode-text.js';
import { isObject, own, type JsonObject, type JsonValue } from '../json.js';
import { charsetOf, essenceOf, isJsonType } from '../media-type.js';

export type ContentBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly data: string; readonly mimeType: string };

export interface ToolResult {
  readonly content: readonly ContentBlock[];
  /** JSON text of `structuredContent`; its root is always an object. */
  readonly structuredJson?: string;
  readonly isError: boolean;
}

export interface UpstreamResponse {
  readonly status: number;
  /** Names in lower case, as undici and Node give them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/**
 * An upstream's answer as a tool result. JSON stays the text it came as (big numbers keep their digits); status 400 and
 * above is an error with status and body visible, problem details (RFC 9457) first. Never throws.
 */
export function shapeResult(response: UpstreamResponse): ToolResult {
  const { status, headers, body } = response;
  const isError = status >= 400;
  if (body.byteLength === 0) return { content: [text(statusLine(status))], isError };
  const given = headers['content-type'];
  const contentType = (typeof given === 'string' ? given : given?.[0]) ?? '';
  const essence = essenceOf(contentType);
  if (isJsonType(essence) || (essence === '' && startsLikeJson(body))) return shapeJson(status, decodeText(body, charsetOf(contentType)));
  if (/^image\/(png|jpeg|gif|webp)$/.test(essence) && !isError) {
    return { content: [{ type: 'image', data: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64'), mimeType: essence }], isError };
  }
  if (isTextType(essence, contentType, body)) return shapeText(status, decodeText(body, charsetOf(contentType)));
  const description = `Binary response: ${essence === '' ? 'unknown media type' : essence}, ${body.byteLength} bytes.`;
  return { content: [text(isError ? `${statusLine(status)}\n${description}` : description)], isError };
}

const text = (value: string): ContentBlock => ({ type: 'text', text: value });

/** `404 Not Found` */
function statusLine(status: number): string {
  const reason = STATUS_CODES[status];
  return reason === undefined ? String(status) : `${status} ${reason}`;
}

function shapeText(status: number, body: string): ToolResult {
  if (status < 400) return { content: [text(body)], isError: false };
  return { content: [text(`HTTP ${statusLine(status)}\n${body}`)], isError: true };
}

function shapeJson(status: number, body: string): ToolResult {
  if (status >= 400) {
    const problem = parse(body);
    const summary = isObject(problem) ? summarise(problem) : '';
    return { content: [text(`HTTP ${statusLine(status)}${summary === '' ? '' : `: ${summary}`}\n${body}`)], isError: true };
  }
  const value = parse(body);
  if (value === undefined) return { content: [text(body)], isError: false };
  // Splicing keeps every digit as sent; parsing and writing again would not.
  return { content: [text(body)], structuredJson: isObject(value) ? body : `{"result":${body}}`, isError: false };
}

function parse(body: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(body);
    return value;
  } catch {
    return undefined;
  }
}

/** RFC 9457 members that a reader needs first: `title — detail (type, instance)`. */
function summarise(problem: JsonObject): string {
  const members = (names: readonly string[], separator: string): string =>
    names
      .map((name) => own(problem, name))
      .filter((value) => typeof value === 'string' && value !== '' && value !== 'about:blank')
      .join(separator);
  const head = members(['title', 'detail'], ' — ');
  const links = members(['type', 'instance'], ', ');
  return head === '' || links === '' ? head : `${head} (${links})`;
}

const textEssence = /^(text\/.*|application\/(xml|.*\+xml|x?html|yaml|x-yaml|.*\+yaml|javascript|ecmascript|graphql|sql|toml|x-ndjson|ndjson|jsonl|json-seq|x-www-form-urlencoded))$/;

function isTextType(essence: string, contentType: string, body: Uint8Array): boolean {
  if (textEssence.test(essence) || charsetOf(contentType) !== undefined) return true;
  return essence === '' && looksLikeText(body);
}

/** Without a media type: the first character after white space and a byte order mark opens an object or array. */
function startsLikeJson(body: Uint8Array): boolean {
  const start = decodeText(body.subarray(0, 64), undefined).trimStart();
  return (start.startsWith('{') || start.startsWith('[')) && looksLikeText(body);
}
