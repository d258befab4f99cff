import { isArray, isObject, writeJson, type JsonObject, type JsonValue } from '../json.js';
import type { ParameterStyle, Serialisation } from '../tool/binding-table.js';

export type Pair = readonly [name: string, value: string];

/** How the place writes names, values and the characters between them. */
export interface PairWriter {
  readonly encodeName: (text: string) => string;
  readonly encode: (text: string) => string;
  readonly comma: string;
  readonly space: string;
  readonly pipe: string;
  readonly tab: string;
  readonly open: string;
  readonly close: string;
}

/** A member as text; below one level the styles define nothing, so deeper values are JSON. */
export function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : writeJson(value);
}

/** Keys and values of an object as texts. RFC 6570 §2.3: null is undefined, so left out. */
export function membersOf(value: JsonObject): readonly Pair[] {
  return Object.entries(value).flatMap(([key, member]) => (member === null ? [] : [[key, textOf(member)] as const]));
}

/** Items of an array as texts, without null. */
export function itemsOf(value: readonly JsonValue[]): readonly string[] {
  return value.filter((item) => item !== null).map(textOf);
}

/**
 * The name=value pairs of a value in a query-like style (OAS 3.2 §4.12.6 and its table; RFC 6570 `{?x}` and `{?x*}`); `name` is
 * encoded already. Null and what has no members is undefined (RFC 6570 §2.3): no pair, as §3.2.8 and OAS 3.2 Appendix C have it; the
 * table's `color=` for null is sent with `allowEmptyValue`, because a model's null mostly means "not given".
 * Cells that the table leaves open: `spaceDelimited` and `pipeDelimited` with explode are as `form`, a primitive in a style for
 * arrays or objects is `name=value`, a form member that is itself an array or object is JSON, and deepObject goes on with brackets.
 */
export function styledPairs(how: Serialisation, name: string, value: JsonValue, writer: PairWriter, assertMember?: (member: string) => void): readonly Pair[] {
  const { style, explode } = how;
  if (style === 'json') return [[name, writer.encode(writeJson(value))]];
  if (typeof value !== 'object' || (style === 'text' && value !== null)) return [[name, writer.encode(textOf(value))]];
  const pairs = value === null ? [] : style === 'deepObject' ? deepPairs(name, value, writer) : memberPairs(style, explode, name, value, writer, assertMember);
  return pairs.length === 0 && how.allowEmptyValue ? [[name, '']] : pairs;
}

function memberPairs(
  style: ParameterStyle,
  explode: boolean,
  name: string,
  value: JsonObject | readonly JsonValue[],
  writer: PairWriter,
  assertMember: ((member: string) => void) | undefined,
): readonly Pair[] {
  const { encode, encodeName } = writer;
  if (isArray(value)) {
    const items = itemsOf(value).map(encode);
    if (explode) return items.map((item) => [name, item]);
    return items.length === 0 ? [] : [[name, items.join(delimiterOf(style, writer))]];
  }
  const members = membersOf(value);
  if (!explode) {
    const delimiter = delimiterOf(style, writer);
    return members.length === 0 ? [] : [[name, members.map(([member, text]) => `${encode(member)}${delimiter}${encode(text)}`).join(delimiter)]];
  }
  if (assertMember !== undefined) for (const [member] of members) assertMember(member);
  return members.map(([member, text]) => [encodeName(member), encode(text)]);
}

function delimiterOf(style: ParameterStyle, { comma, space, pipe, tab }: PairWriter): string {
  if (style === 'spaceDelimited') return space;
  if (style === 'tabDelimited') return tab;
  return style === 'pipeDelimited' ? pipe : comma;
}

/** `a[b][c]=`, `a[ids][]=` for items that are scalars and `a[rows][0][b]=` where an item has members of its own. */
function deepPairs(name: string, value: JsonValue, writer: PairWriter): readonly Pair[] {
  if (value === null) return [];
  const { open, close } = writer;
  if (isArray(value)) {
    const isNested = value.some((item) => typeof item === 'object' && item !== null);
    return value.flatMap((item, index) => deepPairs(`${name}${open}${isNested ? index : ''}${close}`, item, writer));
  }
  if (!isObject(value)) return [[name, writer.encode(textOf(value))]];
  return Object.entries(value).flatMap(([member, inner]) => deepPairs(`${name}${open}${writer.encodeName(member)}${close}`, inner, writer));
}

/** Writers for the URL and the form body: every delimiter but the comma is percent-encoded (OAS 3.2 Appendix E). */
export function percentWriter(encodeName: (text: string) => string, encode: (text: string) => string): PairWriter {
  return { encodeName, encode, comma: ',', space: '%20', pipe: '%7C', tab: '%09', open: '%5B', close: '%5D' };
}
