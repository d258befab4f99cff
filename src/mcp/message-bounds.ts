import { GatewayError } from '../errors/gateway.error.js';

const TOO_COMPLEX = { code: 'too_complex', status: 400 };

const DEEPEST = 100;
/** Each costs a hidden class or a slot of a hash table when it is parsed. */
const MOST_MEMBERS = 25_000;
const MOST_VALUES = 100_000;

/** Of a number: one that a double cannot hold is kept with all of them, at a cost that grows faster than they do. */
const MOST_DIGITS = 1_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Finds JSON that is small to send and dear to parse, before it is parsed: what is counted is nesting, members of objects, values, and digits of
 * a number.
 * @returns 400 `too_complex` for it, undefined for all else
 */
export function findExcess(text: string): GatewayError | undefined {
  let depth = 0;
  let members = 0;
  let values = 0;
  let digits = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    digits = code >= 0x30 && code <= 0x39 ? digits + 1 : 0;
    if (digits > MOST_DIGITS) return new GatewayError(TOO_COMPLEX, `the message has a number of more than ${MOST_DIGITS} digits`);
    switch (code) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case 0x7b: // {
      case 0x5b: // [
        depth += 1;
        if (depth > DEEPEST) return new GatewayError(TOO_COMPLEX, `the message is nested more than ${DEEPEST} levels deep`);
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth -= 1;
        break;
      case 0x3a: // :
        members += 1;
        if (members > MOST_MEMBERS) return new GatewayError(TOO_COMPLEX, `the message has more than ${MOST_MEMBERS} members in its objects`);
        break;
      case 0x2c: // ,
        values += 1;
        if (values > MOST_VALUES) return new GatewayError(TOO_COMPLEX, `the message has more than ${MOST_VALUES} values`);
        break;
      default:
    }
  }
  return undefined;
}

/** @returns the place of its closing quote; that of the text's end where there is none */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
