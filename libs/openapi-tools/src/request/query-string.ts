import { isObject, writeJson, type JsonValue } from '../json.js';
import type { ParameterBinding } from '../tool/binding-table.js';
import { writeForm } from './form-body.js';
import { encodeComponent, encodeReserved } from './percent-encoding.js';
import { assertFreeName } from './serialise-parameter.js';
import { textOf } from './styled-pairs.js';

const noParts = { parts: new Map<string, never>() };

/**
 * The whole query of a parameter `in: querystring` (OAS 3.2): a form as it is, JSON percent-encoded. Other types are percent-encoded
 * too, but `text/plain` is the way the specification names for query formats of the API's own, so its delimiters stay.
 */
export function serialiseQueryString(binding: ParameterBinding, value: JsonValue): string {
  const text = queryText(binding, value);
  for (const name of new URLSearchParams(text).keys()) assertFreeName(binding, name);
  return text;
}

function queryText({ key, style, allowReserved }: ParameterBinding, value: JsonValue): string {
  if (style === 'urlencoded' && isObject(value)) {
    return writeForm(Object.entries(value).map(([name, member]) => ({ name, value: member, argument: key })), noParts);
  }
  if (style === 'json') return encodeComponent(writeJson(value), key);
  const text = textOf(value);
  if (style !== 'urlencoded' && !allowReserved) return encodeComponent(text, key);
  // Here `&`, `=` and `+` are the format's own; only what no query may hold is encoded.
  return text.split(/([&+])/).map((part, index) => (index % 2 === 1 ? part : encodeReserved(part, key, 'query'))).join('');
}
