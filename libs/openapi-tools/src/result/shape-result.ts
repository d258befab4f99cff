import { isObject, type JsonValue } from '../json.js';
import { charsetOf, essenceOf, isJsonType, isVague, textTypeOf } from '../media-type.js';
import { describeCuts, describeNext, nextOf } from './continuation.js';
import { cutJson } from './cut-json.js';
import { cutText, keepComplete } from './cut-text.js';
import { decodeText, looksLikeText } from './decode-text.js';
import { linkBinary, linkText, LINKED, type LinkAnswer } from './link-answer.js';
import type { Projection } from './projection.js';
import { shapeBinary, sniffMediaType } from './shape-binary.js';
import { shapeError, statusLine } from './shape-error.js';
import { textBlock, type ToolResult } from './tool-result.js';

export interface UpstreamResponse {
  readonly status: number;
  /** Names in lower case, as undici and Node give them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
  /** True when the reader stopped before the body's end (an endless stream). */
  readonly isPartial?: boolean;
}

export interface ShapeOptions {
  /** Only this part of a JSON answer is shown. Fails closed: what cannot be projected is not shown at all. */
  readonly projection?: Projection;
  /** Most characters of text; a token is about four. Default 100,000. */
  readonly maxText?: number;
  /** Most bytes of an image, audio or blob. Default 5 MiB. */
  readonly maxBinary?: number;
  /** Arguments of the tool that page or narrow the answer, for the hint behind a shortened one. */
  readonly paging?: readonly string[];
  /** Whether structured content fits the tool's output schema; what does not fit is delivered as text only. */
  readonly accepts?: (value: JsonValue) => boolean;
  /** Where {@link readWhole} can be had of the same answer. */
  readonly link?: LinkAnswer;
}

const defaultMaxText = 100_000;
const defaultMaxBinary = 5 * 1024 * 1024;

/**
 * An upstream's answer as a tool result. JSON stays the text it came as (big numbers keep their digits) and is shortened only
 * between items; status 400 and above is an error with status and body visible, problem details (RFC 9457) first. Never throws.
 */
export function shapeResult(response: UpstreamResponse, options: ShapeOptions = {}): ToolResult {
  const result = shapeAnswer(response, options);
  // A client that knows an output schema refuses a success without structured content (MCP 2025-06-18, Structured Content).
  const lacksStructure = options.accepts !== undefined && !result.isError && result.structuredJson === undefined;
  return lacksStructure ? { ...result, structuredJson: '{}' } : result;
}

function shapeAnswer(response: UpstreamResponse, options: ShapeOptions): ToolResult {
  const { status, headers, body } = response;
  const contentType = first(headers['content-type']) ?? '';
  if (options.projection !== undefined) return shapeProjected(response, contentType, options.projection, options);
  if (body.byteLength === 0) return { content: [textBlock(statusLine(status))], isError: status >= 400 };
  const essence = essenceOf(contentType);
  const declaresJson = isJsonType(essence);
  if (declaresJson || ((essence === '' || essence === 'text/plain') && startsLikeJson(body))) {
    const text = decodeText(body, charsetOf(contentType));
    const value = parse(text);
    if (value !== undefined) return status >= 400 ? shapeError(status, text, value, options.maxText) : shapeJson(text, value, response, options);
    if (looksLikeText(body)) return shapeText(text, essence, response, options);
  }
  const sniffed = isVague(essence) ? sniffMediaType(body) : undefined;
  if (sniffed === undefined && isText(essence, contentType, body)) return shapeText(decodeText(body, charsetOf(contentType)), essence, response, options);
  if (status < 400) return { content: linkBinary(sniffed ?? essence, body, options.link) ?? [shapeBinary(sniffed ?? essence, body, options.maxBinary ?? defaultMaxBinary)], isError: false };
  return shapeError(status, `Binary response: ${essence === '' ? 'unknown media type' : essence}, ${body.byteLength} bytes.`, undefined);
}

const first = (value: string | readonly string[] | undefined): string | undefined => (typeof value === 'string' ? value : value?.[0]);

function shapeJson(text: string, value: JsonValue, { headers }: UpstreamResponse, { maxText = defaultMaxText, paging = [], accepts, link }: ShapeOptions): ToolResult {
  const shortened = text.length > maxText ? cutJson(text, maxText) : undefined;
  const json = shortened?.json ?? text;
  const cuts = shortened?.cuts ?? [];
  const links = cuts.length === 0 ? [] : linkText(text, textTypeOf(essenceOf(first(headers['content-type']) ?? ''), true), link);
  const notes = cuts.length === 0 ? [] : [textBlock(describeCuts(cuts, paging, nextOf(first(headers['link']), value), links.length > 0 ? LINKED : ''))];
  const structured = wrapRoot(json, value);
  const fits = accepts === undefined || accepts(isObject(value) ? value : { result: value });
  if (!fits) notes.push(textBlock('[The answer does not fit the output schema; it is given as text only.]'));
  return { content: [textBlock(json), ...notes, ...links], structuredJson: fits ? structured : '{}', isError: false };
}

/** Splicing keeps every digit as sent; parsing and writing again would not. */
const wrapRoot = (json: string, value: JsonValue): string => (isObject(value) ? json : `{"result":${json}}`);

function shapeText(text: string, essence: string, { status, headers, isPartial }: UpstreamResponse, { maxText = defaultMaxText, paging = [], link }: ShapeOptions): ToolResult {
  if (status >= 400) return shapeError(status, text, undefined, maxText);
  const whole = isPartial === true ? keepComplete(text, essence === 'text/event-stream' ? '\n\n' : '\n') : text;
  const cut = cutText(whole, maxText);
  if (!cut.isCut && isPartial !== true) return { content: [textBlock(text)], isError: false };
  const total = isPartial === true ? 'the stream was ended after this part' : `${cut.text.length} of ${text.length} characters`;
  // Nobody has the whole of a stream that was ended.
  const links = isPartial === true ? [] : linkText(text, textTypeOf(essence, false), link);
  const next = describeNext(paging, nextOf(first(headers['link']), undefined), links.length > 0 ? LINKED : '');
  return { content: [textBlock(cut.text), textBlock(`[Shortened to fit: ${total}.${next}]`), ...links], isError: false };
}

/** The projection is a promise about what leaves the API: an error's body, text and bytes are not covered by it, so they stay behind. */
function shapeProjected(response: UpstreamResponse, contentType: string, projection: Projection, options: ShapeOptions): ToolResult {
  const withheld = (reason: string): ToolResult => ({ content: [textBlock(`HTTP ${statusLine(response.status)}: ${reason}`)], isError: true });
  const { path } = projection;
  if (response.status >= 400) return withheld(`the body is withheld, because this tool may only show ${path} of an answer.`);
  const text = decodeText(response.body, charsetOf(contentType));
  if (parse(text) === undefined) return withheld(`the answer is no JSON, and this tool may only show ${path} of it.`);
  const selected = projection.select(text);
  const value = selected === undefined ? undefined : parse(selected);
  if (selected === undefined || value === undefined) return withheld(`the answer has nothing at ${path}, which is all that this tool may show.`);
  return shapeJson(selected, value, { ...response, headers: {} }, options);
}

function parse(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

const textEssence = /^(text\/.*|image\/svg\+xml|application\/(xml|.*\+xml|x?html|yaml|x-yaml|.*\+yaml|javascript|ecmascript|graphql|sql|toml|x-ndjson|ndjson|jsonl|json-seq|x-www-form-urlencoded))$/;

function isText(essence: string, contentType: string, body: Uint8Array): boolean {
  if (textEssence.test(essence) || charsetOf(contentType) !== undefined) return true;
  return isVague(essence) && looksLikeText(body);
}

/** The first character after white space and a byte order mark opens an object or array. */
function startsLikeJson(body: Uint8Array): boolean {
  const start = decodeText(body.subarray(0, 64), undefined).trimStart();
  return start.startsWith('{') || start.startsWith('[');
}
