import { ArgumentError } from '../arguments/argument.error.js';
import type { ParameterBinding } from '../tool/binding-table.js';
import { isArray, isObject, writeJson, type JsonValue } from '../json.js';
import { encodeComponent, encodeReserved } from './percent-encoding.js';
import { itemsOf, membersOf, percentWriter, styledPairs, textOf } from './styled-pairs.js';

/** A query parameter as `name=value` pairs, encoded; none when there is nothing to send. */
export function serialiseQuery(binding: ParameterBinding, value: JsonValue): readonly string[] {
  const { key, allowReserved, wireName } = binding;
  const encodeName = (text: string): string => encodeComponent(text, key);
  const encode = allowReserved ? (text: string): string => encodeReserved(text, key, 'query') : encodeName;
  // The usual value needs no writer.
  if (typeof value !== 'object' && binding.style !== 'json') return [`${wireName}=${encode(textOf(value))}`];
  const pairs = styledPairs(binding, wireName, value, percentWriter(encodeName, encode), (member) => assertFreeName(binding, member));
  return pairs.map(([name, text]) => `${name}=${text}`);
}

/** Refuses a name, chosen by an object argument, that carries the API's credential. */
export function assertFreeName({ key, reservedNames }: ParameterBinding, name: string): void {
  if (reservedNames.has(name)) throw new ArgumentError(`Argument "${key}" may not set "${name}": it carries the API's credential.`, key);
}

/** A path parameter: the raw texts it is made of (for the safety check) and its encoded form (RFC 6570 simple, label, matrix). */
export function serialisePath(binding: ParameterBinding, value: JsonValue): { readonly raw: readonly string[]; readonly encoded: string } {
  const { key, explode, style, wireName, allowReserved } = binding;
  const encode = allowReserved ? (text: string): string => encodeReserved(text, key, 'path') : (text: string): string => encodeComponent(text, key);
  if (style === 'json' || style === 'text' || typeof value !== 'object') {
    const raw = style === 'json' ? writeJson(value) : textOf(value);
    return { raw: [raw], encoded: `${prefixOf(binding, true)}${encode(raw)}` };
  }
  const separator = explode && (style === 'label' || style === 'matrix') ? prefixOf(binding, false) : encodeURIComponent(listSeparator(style)).replace('%2C', ',');
  const prefix = prefixOf(binding, !explode);
  if (isArray(value)) {
    const raw = itemsOf(value);
    const items = raw.map((item) => (style === 'matrix' && explode ? `${wireName}=${encode(item)}` : encode(item)));
    return { raw, encoded: `${prefix}${items.join(separator)}` };
  }
  if (isObject(value)) {
    const members = membersOf(value);
    const pairs = members.map(([member, text]) => `${encode(member)}${explode ? '=' : ','}${encode(text)}`);
    return { raw: members.flat(), encoded: `${prefix}${pairs.join(separator)}` };
  }
  return { raw: [''], encoded: prefix };
}

/** Between the items of a list in a path or a header: a comma, or what Swagger 2.0's `collectionFormat` asks for there. */
function listSeparator(style: ParameterBinding['style']): string {
  return style === 'spaceDelimited' ? ' ' : style === 'pipeDelimited' ? '|' : style === 'tabDelimited' ? '\t' : ',';
}

function prefixOf({ style, wireName }: ParameterBinding, withName: boolean): string {
  if (style === 'matrix') return withName ? `;${wireName}=` : ';';
  return style === 'label' ? '.' : '';
}

/**
 * A header field value in style `simple`, which is not percent-encoded (OAS 3.2 Appendix D); undefined for null and for what has
 * no members. Throws for what no field value may hold (RFC 9110 §5.5, Latin-1 as fetch sends it).
 */
export function serialiseHeader(binding: ParameterBinding, value: JsonValue): string | undefined {
  const text = headerText(binding, value);
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (text !== undefined && /[^\t\u0020-\u007e\u00a0-\u00ff]/.test(text)) {
    throw new ArgumentError(`Argument "${binding.key}" is sent as a header and may hold neither line breaks, control characters nor characters beyond Latin-1.`, binding.key);
  }
  return text;
}

function headerText({ style, explode }: ParameterBinding, value: JsonValue): string | undefined {
  if (style === 'json') return writeJson(value);
  if (value === null) return undefined;
  if (style === 'text' || typeof value !== 'object') return textOf(value);
  const parts = isArray(value) ? itemsOf(value) : isObject(value) ? membersOf(value).map(([member, text]) => `${member}${explode ? '=' : ','}${text}`) : [];
  return parts.length === 0 ? undefined : parts.join(listSeparator(style));
}
