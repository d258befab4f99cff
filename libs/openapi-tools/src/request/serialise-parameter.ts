import { ArgumentError } from '../arguments/argument.error.js';
import type { ParameterBinding } from '../tool/binding-table.js';
import { isArray, isObject, type JsonObject, type JsonValue } from '../json.js';

/** Percent-encodes all but the unreserved characters of RFC 3986 §2.3 (UTF-8), as RFC 6570 §3.2.1 does. */
export function encodeComponent(text: string, argument: string): string {
  if (/^[A-Za-z0-9\-._~]*$/.test(text)) return text;
  if (!text.isWellFormed()) throw new ArgumentError(`Argument "${argument}" has half a surrogate pair, which has no UTF-8 form.`, argument);
  return encodeURIComponent(text).replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A member as text; below one level the styles define nothing, so deeper values are JSON. */
export function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The texts that a style joins: items of an array, keys and values of an object. RFC 6570 §2.3: null is undefined, so left out. */
function membersOf(value: JsonObject): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([key, member]) => (member === null ? [] : [[key, textOf(member)] as const]));
}
const itemsOf = (value: readonly JsonValue[]): readonly string[] => value.filter((item) => item !== null).map(textOf);

/** A query parameter as `name=value` pairs, encoded; none when there is nothing to send. */
export function serialiseQuery(binding: ParameterBinding, value: JsonValue, reserved: ReadonlySet<string>): readonly string[] {
  const { key, explode, style } = binding;
  const encode = (text: string): string => encodeComponent(text, key);
  const name = encode(binding.name);
  if (style === 'json') return [`${name}=${encode(JSON.stringify(value))}`];
  if (value === null) return [];
  if (style === 'deepObject' && typeof value === 'object') return deepPairs(encode, name, value);
  if (isArray(value)) {
    const items = itemsOf(value).map(encode);
    if (items.length === 0) return [];
    return explode ? items.map((item) => `${name}=${item}`) : [`${name}=${items.join(delimiterOf(style))}`];
  }
  if (!isObject(value)) return [`${name}=${encode(textOf(value))}`];
  const members = membersOf(value);
  if (!explode) {
    const joined = members.map(([member, text]) => `${encode(member)}${delimiterOf(style)}${encode(text)}`).join(delimiterOf(style));
    return members.length === 0 ? [] : [`${name}=${joined}`];
  }
  for (const [member] of members) {
    if (reserved.has(member)) throw new ArgumentError(`Argument "${key}" may not set "${member}": it carries the API's credential.`, key);
  }
  return members.map(([member, text]) => `${encode(member)}=${encode(text)}`);
}

/** OAS 3.2 §4.12.4: the space and the pipe that delimit are themselves percent-encoded. */
function delimiterOf(style: ParameterBinding['style']): string {
  if (style === 'spaceDelimited') return '%20';
  return style === 'pipeDelimited' ? '%7C' : ',';
}

/** `a[b][c]=`, `a[ids][]=` for items that are scalars and `a[rows][0][b]=` where an item has members of its own; brackets encoded. */
function deepPairs(encode: (text: string) => string, name: string, value: JsonValue): readonly string[] {
  if (value === null) return [];
  if (isArray(value)) {
    const isNested = value.some((item) => typeof item === 'object' && item !== null);
    return value.flatMap((item, index) => deepPairs(encode, `${name}%5B${isNested ? index : ''}%5D`, item));
  }
  if (!isObject(value)) return [`${name}=${encode(textOf(value))}`];
  return Object.entries(value).flatMap(([member, inner]) => deepPairs(encode, `${name}%5B${encode(member)}%5D`, inner));
}

/** A path parameter: the raw texts it is made of (for the safety check) and its encoded form (RFC 6570 simple, label, matrix). */
export function serialisePath(binding: ParameterBinding, value: JsonValue): { readonly raw: readonly string[]; readonly encoded: string } {
  const { key, explode, style } = binding;
  const encode = (text: string): string => encodeComponent(text, key);
  const name = encode(binding.name);
  if (style === 'json') {
    const raw = JSON.stringify(value);
    return { raw: [raw], encoded: encode(raw) };
  }
  const prefix = style === 'label' ? '.' : style === 'matrix' ? ';' : '';
  const separator = explode && style !== 'simple' ? prefix : ',';
  if (isArray(value)) {
    const raw = itemsOf(value);
    const items = raw.map((item) => (style === 'matrix' && explode ? `${name}=${encode(item)}` : encode(item)));
    return { raw, encoded: prefixed(prefix, style === 'matrix' && !explode ? `${name}=` : '', items.join(separator)) };
  }
  if (isObject(value)) {
    const members = membersOf(value);
    const pairs = members.map(([member, text]) => `${encode(member)}${explode ? '=' : ','}${encode(text)}`);
    return { raw: members.flat(), encoded: prefixed(prefix, style === 'matrix' && !explode ? `${name}=` : '', pairs.join(separator)) };
  }
  const raw = value === null ? '' : textOf(value);
  return { raw: [raw], encoded: prefixed(prefix, style === 'matrix' ? `${name}=` : '', encode(raw)) };
}

const prefixed = (prefix: string, name: string, text: string): string => `${prefix}${name}${text}`;

/** A header field value in style `simple`; throws for what no field value may hold (RFC 9110 §5.5, Latin-1 as fetch sends it). */
export function serialiseHeader(binding: ParameterBinding, value: JsonValue): string | undefined {
  if (value === null) return undefined;
  const text = headerText(binding, value);
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[^\t\u0020-\u007e\u00a0-\u00ff]/.test(text)) {
    throw new ArgumentError(`Argument "${binding.key}" is sent as a header and may hold neither line breaks, control characters nor characters beyond Latin-1.`, binding.key);
  }
  return text;
}

function headerText({ style, explode }: ParameterBinding, value: JsonValue): string {
  if (style === 'json') return JSON.stringify(value);
  if (isArray(value)) return itemsOf(value).join(',');
  if (!isObject(value)) return textOf(value);
  return membersOf(value)
    .map(([member, text]) => `${member}${explode ? '=' : ','}${text}`)
    .join(',');
}
