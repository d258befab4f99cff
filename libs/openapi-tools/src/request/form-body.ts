import { isArray, writeJson, type JsonValue } from '../json.js';
import { essenceOf, isJsonType } from '../media-type.js';
import type { BodyBinding, PartEncoding } from '../tool/binding-table.js';
import { encodeComponent, encodeFormText, encodeReserved } from './percent-encoding.js';
import { percentWriter, styledPairs, textOf } from './styled-pairs.js';

/** A property that has a value: its name on the wire, and the argument to name when it cannot be sent. */
export interface BodyMember {
  readonly name: string;
  readonly value: JsonValue;
  readonly argument: string;
}

/** What the writing of members needs of a body. */
export type PartEncodings = Pick<BodyBinding, 'parts' | 'furtherPart'>;

/**
 * An `application/x-www-form-urlencoded` text (WHATWG URL §5.2; OAS 3.2 §4.15.4). A property with `style`, `explode` or `allowReserved`
 * is written as a query parameter of that style. Any other is written by its content type, an array item by item: objects are JSON,
 * the rest is text. Null is left out, unless the property is declared to be JSON.
 */
export function writeForm(members: readonly BodyMember[], { parts, furtherPart }: PartEncodings): string {
  return members.flatMap((member) => writeMember(member, parts.get(member.name) ?? furtherPart)).join('&');
}

function writeMember({ name, value, argument }: BodyMember, part: PartEncoding | undefined): readonly string[] {
  const how = part?.serialisation;
  if (how !== undefined) {
    const encodeName = (text: string): string => encodeComponent(text, argument);
    const encode = how.allowReserved ? (text: string): string => encodeReserved(text, argument, 'query') : encodeName;
    return styledPairs(how, encodeName(name), value, percentWriter(encodeName, encode)).map(([key, text]) => `${key}=${text}`);
  }
  const key = encodeFormText(name, argument);
  const isJson = isJsonPart(part);
  const items = isArray(value) ? value : [value];
  return items.flatMap((item) => (item === null && !isJson ? [] : [`${key}=${encodeFormText(isJson ? writeJson(item) : textOf(item), argument)}`]));
}

/** Whether the declared content type makes even a text or null JSON. */
export function isJsonPart(part: PartEncoding | undefined): boolean {
  const [type] = part?.contentTypes ?? [];
  return type !== undefined && isJsonType(essenceOf(type));
}
