import { randomBytes } from 'node:crypto';
import { isArray, writeJson, type JsonValue } from '../json.js';
import type { PartEncoding } from '../tool/binding-table.js';
import { chooseFileType, type FileDecoder } from './file-argument.js';
import { isJsonPart, type BodyMember, type PartEncodings } from './form-body.js';
import { assertWellFormed } from './percent-encoding.js';
import { styledPairs, textOf, type PairWriter } from './styled-pairs.js';

/** One part: its header lines and its bytes. */
interface Part {
  readonly header: string;
  readonly content: Buffer;
}

export interface MultipartBody {
  readonly boundary: string;
  readonly bytes: Buffer;
}

/** RFC 6570 styles in form-data: names and values as they are, nothing percent-encoded (OAS 3.2 Appendix C). */
const plainWriter: PairWriter = { encodeName: (text) => text, encode: (text) => text, comma: ',', space: ' ', pipe: '|', tab: '\t', open: '[', close: ']' };

/**
 * A multipart body of named parts (RFC 7578, RFC 2046 §5.1): an array is one part for each item, files carry a filename, objects are
 * JSON, all else is text in UTF-8. Null is left out, unless the part is declared to be JSON. Content types follow OAS 3.2 §4.15.1.1.
 */
export function writeMultipart(members: readonly BodyMember[], { parts, furtherPart }: PartEncodings, files: FileDecoder): MultipartBody {
  return join(members.flatMap((member) => namedParts(member, parts.get(member.name) ?? furtherPart, files)));
}

/** A multipart body of parts without names, by position (OAS 3.2 §4.14.5, multipart/mixed and the like). */
export function writePositions(items: readonly JsonValue[], argument: string, positions: readonly PartEncoding[], files: FileDecoder): MultipartBody {
  return join(items.map((value, index) => onePart(undefined, value, argument, positions[index] ?? positions.at(-1), files)));
}

function namedParts(member: BodyMember, part: PartEncoding | undefined, files: FileDecoder): readonly Part[] {
  const { name, value, argument } = member;
  if (part?.serialisation !== undefined) {
    return styledPairs(part.serialisation, name, value, plainWriter).map(([key, text]) => textPart(disposition(key, argument), undefined, text, argument, part));
  }
  const items = isArray(value) ? value : [value];
  const sent = items.filter((item) => item !== null || isJsonPart(part));
  return sent.map((item) => onePart(name, item, argument, part, files));
}

function onePart(name: string | undefined, value: JsonValue, argument: string, part: PartEncoding | undefined, files: FileDecoder): Part {
  const field = name === undefined ? undefined : disposition(name, argument);
  if (part?.isFile === true) return filePart(field, name, value, argument, part, files);
  const [declared] = part?.contentTypes ?? [];
  if (typeof value === 'object' || isJsonPart(part)) return textPart(field, declared ?? 'application/json', writeJson(value), argument, part);
  return textPart(field, declared, textOf(value), argument, part);
}

/** Without a filename many servers take the part for a text field, so a file without a name is called by its field. */
function filePart(field: string | undefined, name: string | undefined, value: JsonValue, argument: string, part: PartEncoding, files: FileDecoder): Part {
  const file = files.decode(value, argument);
  const type = part.contentTypes.length === 0 && part.fileType !== undefined ? (file.mimeType ?? part.fileType) : chooseFileType(part.contentTypes, file, argument);
  const filename = file.filename ?? name;
  const attachment = filename === undefined ? '' : `filename="${escapeQuoted(filename)}"`;
  const first = field === undefined ? (attachment === '' ? undefined : `Content-Disposition: attachment; ${attachment}`) : `${field}; ${attachment}`;
  const content = part.contentEncoding === undefined ? file.bytes : Buffer.from(file.bytes.toString(part.contentEncoding));
  return { header: headerLines(first, type, part), content };
}

/** A text part of the default type `text/plain` goes without Content-Type, as browsers send it. */
function textPart(field: string | undefined, type: string | undefined, text: string, argument: string, part: PartEncoding | undefined): Part {
  assertWellFormed(text, argument);
  return { header: headerLines(field, type, part), content: Buffer.from(text) };
}

function headerLines(first: string | undefined, type: string | undefined, part: PartEncoding | undefined): string {
  const lines = first === undefined ? [] : [first];
  if (type !== undefined) lines.push(`Content-Type: ${type}`);
  for (const [name, value] of part?.headers ?? []) lines.push(`${name}: ${value}`);
  return lines.map((line) => `${line}\r\n`).join('');
}

function disposition(name: string, argument: string): string {
  assertWellFormed(name, argument);
  return `Content-Disposition: form-data; name="${escapeQuoted(name)}"`;
}

/** What would end the quoted name is percent-encoded, all else is raw UTF-8: RFC 7578 §5.1 and §2, in the form browsers agreed on (HTML §4.10.21.8). */
function escapeQuoted(text: string): string {
  return text.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}

function join(parts: readonly Part[]): MultipartBody {
  const boundary = chooseBoundary(parts);
  const pieces = parts.flatMap(({ header, content }) => [Buffer.from(`--${boundary}\r\n${header}\r\n`), content, Buffer.from('\r\n')]);
  return { boundary, bytes: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]) };
}

/** Random, so that nobody can write content that ends a part; and looked for, so that chance cannot either. */
function chooseBoundary(parts: readonly Part[]): string {
  const boundary = `----gatehouse-${randomBytes(18).toString('hex')}`;
  return parts.some(({ content, header }) => content.includes(boundary) || header.includes(boundary)) ? chooseBoundary(parts) : boundary;
}
