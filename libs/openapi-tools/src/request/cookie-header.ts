import { ArgumentError } from '../arguments/argument.error.js';
import type { JsonValue } from '../json.js';
import type { ParameterBinding } from '../tool/binding-table.js';
import { encodeComponent, encodeCookieName, encodeReserved } from './percent-encoding.js';
import { assertFreeName } from './serialise-parameter.js';
import { styledPairs, type PairWriter } from './styled-pairs.js';

/** cookie-octets of RFC 6265 §4.1.1, optionally in double quotes. */
const cookieValue = /^(?:"[!#-+\--:<-[\]-~]*"|[!#-+\--:<-[\]-~]*)$/;
const cookieName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * The `name=value` cookies of a parameter, to be joined with `; ` in one Cookie header (RFC 6265 §5.4). Style `form` percent-encodes;
 * style `cookie` (OAS 3.2) and parameters with `content: text` send as it is, and what no cookie may hold is refused. Exploded members are cookies of their
 * own in both (OAS 3.2 Appendix D: the `&` of `form` is wrong here); unexploded ones are joined by commas, as its table says,
 * though a comma is no cookie-octet.
 */
export function serialiseCookie(binding: ParameterBinding, value: JsonValue): readonly string[] {
  const isVerbatim = binding.style === 'cookie' || binding.style === 'text';
  const pairs = styledPairs(binding, binding.wireName, value, isVerbatim ? verbatim(binding.key) : encoding(binding), (member) => assertFreeName(binding, member));
  return pairs.map(([name, text]) => `${name}=${text}`);
}

const delimiters = { comma: ',', space: '%20', pipe: '%7C', tab: '%09', open: '%5B', close: '%5D' };

function encoding({ key, allowReserved }: ParameterBinding): PairWriter {
  const encode = allowReserved ? (text: string): string => encodeReserved(text, key, 'cookie') : (text: string): string => encodeComponent(text, key);
  return { encodeName: encodeCookieName, encode, ...delimiters };
}

function verbatim(key: string): PairWriter {
  const assert = (pattern: RegExp, what: string) => (text: string): string => {
    if (pattern.test(text)) return text;
    throw new ArgumentError(`Argument "${key}" is sent as a cookie ${what} without escaping: give it in escaped form (percent-encoded), without spaces, quotes, commas, semicolons, backslashes or characters beyond ASCII.`, key);
  };
  return { encodeName: assert(cookieName, 'name'), encode: assert(cookieValue, 'value'), ...delimiters };
}
