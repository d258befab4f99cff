import { ArgumentError } from '../arguments/argument.error.js';
import { isArray, isObject, writeJson, own, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import { charsetOf } from '../media-type.js';
import type { BodyBinding, ContentTypeBinding, PropertiesBodyBinding, WholeBodyBinding } from '../tool/binding-table.js';
import { chooseFileType, FileDecoder } from './file-argument.js';
import { writeForm, type BodyMember } from './form-body.js';
import { writeMultipart, writePositions, type MultipartBody } from './multipart-body.js';
import { assertWellFormed } from './percent-encoding.js';
import { textOf } from './styled-pairs.js';

/** A body and its Content-Type. */
export interface BodyContent {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/** The body of a call, or undefined for none: an absent optional body is not `{}` and not `null` (W11). Throws ArgumentError. */
export function writeBody(body: BodyBinding, args: JsonObject, maxFileBytes: number): BodyContent | undefined {
  const wanted = body.contentType === undefined ? body : inWantedType(body, body.contentType, args);
  return wanted.kind === 'whole' ? writeWhole(wanted, args, maxFileBytes) : writeProperties(wanted, args, maxFileBytes);
}

/** The body in the media type that the call, or else the owner, asks for (openapi.md decision 9). */
function inWantedType(body: BodyBinding, { key, fallback, bodies }: ContentTypeBinding, args: JsonObject): BodyBinding {
  const wanted = own(args, key) ?? fallback ?? body.mediaType;
  const found = wanted === body.mediaType ? body : bodies.get(String(wanted));
  if (found === undefined) throw new ArgumentError(`Argument "${key}" must be one of ${[body.mediaType, ...bodies.keys()].join(', ')}.`, key);
  return found;
}

function writeWhole(body: WholeBodyBinding, args: JsonObject, maxFileBytes: number): BodyContent | undefined {
  const { key, mediaType: contentType, fixed, fallback } = body;
  // Null is a value in all of them.
  const value = [fixed, own(args, key), fallback].find((one) => one !== undefined);
  if (value === undefined) {
    if (body.required) throw new ArgumentError(`Argument "${key}" is required.`, key);
    return undefined;
  }
  switch (body.format) {
    case 'json':
      return { contentType, body: writeJson(value) };
    case 'json-lines':
    case 'json-sequence':
      return { contentType, body: writeJsonStream(value, body.format === 'json-lines' ? '' : '\u001e', key) };
    case 'text':
      return { contentType, body: encodeText(textOf(value), contentType, key) };
    case 'binary':
      return writeFile(body, value, maxFileBytes);
    case 'form':
      if (isObject(value)) return { contentType, body: writeForm(membersOf(value, key), body) };
      if (typeof value === 'string') return { contentType, body: wellFormed(value, key) };
      throw new ArgumentError(`Argument "${key}" is sent as a form and must be an object.`, key);
    case 'multipart': {
      const files = new FileDecoder(maxFileBytes);
      if (isObject(value)) return multipart(contentType, writeMultipart(membersOf(value, key), body, files));
      if (isArray(value)) return multipart(contentType, writePositions(value, key, body.positions, files));
      throw new ArgumentError(`Argument "${key}" is sent as ${contentType} and must be an object or an array.`, key);
    }
  }
}

function writeProperties(body: PropertiesBodyBinding, args: JsonObject, maxFileBytes: number): BodyContent | undefined {
  const members = givenMembers(body, args);
  if (members.length === 0 && !body.required) return undefined;
  const { mediaType: contentType } = body;
  if (body.format === 'form') return { contentType, body: writeForm(members, body) };
  if (body.format === 'multipart') return multipart(contentType, writeMultipart(members, body, new FileDecoder(maxFileBytes)));
  const draft: JsonDraft = {};
  for (const { name, value } of members) put(draft, name, value);
  return { contentType, body: writeJson(draft) };
}

/**
 * In the order of the arguments: the caller's own order is the one that may matter to an upstream. Fixed values follow, then those for what
 * was left out; an optional body of which nothing is given is not begun by these where it would lack something.
 */
function givenMembers({ names, isOpen, furtherPrefix, closedNames, fixed, fallbacks, required, properties }: PropertiesBodyBinding, args: JsonObject): readonly BodyMember[] {
  const members: BodyMember[] = [];
  for (const argument of Object.keys(args)) {
    // A property has one key: its own name as a second one would overwrite it.
    const name = names.get(argument) ?? (isOpen && !closedNames.has(argument) && argument.startsWith(furtherPrefix) ? argument.slice(furtherPrefix.length) : undefined);
    if (name !== undefined) members.push({ name, value: args[argument] ?? null, argument });
  }
  for (const [name, value] of fixed) members.push({ name, value, argument: name });
  if (fallbacks.length === 0 || (!required && members.length === 0 && properties.some((property) => property.required))) return members;
  for (const { key, name, fallback = null } of fallbacks) if (!Object.hasOwn(args, key)) members.push({ name, value: fallback, argument: key });
  return members;
}

const membersOf = (value: JsonObject, argument: string): readonly BodyMember[] => Object.entries(value).map(([name, member]) => ({ name, value: member, argument }));

/** One JSON text a line, or each after a record separator (RFC 7464); a text is taken as written already. */
function writeJsonStream(value: JsonValue, separator: string, argument: string): string {
  if (typeof value === 'string') return wellFormed(value, argument);
  const items = isArray(value) ? value : [value];
  return items.map((item) => `${separator}${writeJson(item)}\n`).join('');
}

function wellFormed(text: string, argument: string): string {
  assertWellFormed(text, argument);
  return text;
}

function writeFile(body: WholeBodyBinding, value: JsonValue, maxFileBytes: number): BodyContent {
  const file = new FileDecoder(maxFileBytes).decode(value, body.key);
  const contentType = chooseFileType([body.mediaType, ...body.alternatives], file, body.key);
  return { contentType, body: body.contentEncoding === undefined ? file.bytes : file.bytes.toString(body.contentEncoding) };
}

/** Text in the charset that the Content-Type names; undici sends a string as UTF-8. */
function encodeText(text: string, mediaType: string, argument: string): string | Uint8Array {
  assertWellFormed(text, argument);
  const charset = charsetOf(mediaType) ?? 'utf-8';
  if (charset === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (charset !== 'iso-8859-1' && charset !== 'latin1' && charset !== 'us-ascii') return text;
  // oxlint-disable-next-line no-control-regex -- the charset's last character is what is looked for
  if ((charset === 'us-ascii' ? /[^\u0000-\u007f]/ : /[^\u0000-\u00ff]/).test(text)) {
    throw new ArgumentError(`Argument "${argument}" is sent in ${charset}, which has not all of its characters.`, argument);
  }
  return Buffer.from(text, 'latin1');
}

/** A boundary written in the document is an example. */
function multipart(mediaType: string, { boundary, bytes }: MultipartBody): BodyContent {
  const type = mediaType.replace(/;\s*boundary\s*=\s*("[^"]*"|[^;]*)/i, '').trim();
  return { contentType: `${type}; boundary=${boundary}`, body: bytes };
}
