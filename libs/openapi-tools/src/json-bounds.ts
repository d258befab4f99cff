/** Nesting of a JSON text. */
const DEEPEST = 100;
/** Each costs a hidden class or a slot of a hash table when it is parsed. */
const MOST_MEMBERS = 25_000;
const MOST_VALUES = 100_000;
/** Of a number: one that a double cannot hold is kept with all of them, at a cost that grows faster than they do. */
const MOST_DIGITS = 1_000;
/** Integers that a double may not hold, which cost ten times what others do. */
const MOST_LONG_INTEGERS = 5_000;
const LONG_DIGITS = 16;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const POINT = 0x2e;

/**
 * Finds JSON that is small to send and dear to parse, before it is parsed: what is counted is nesting, members of objects, values, integers of
 * 16 digits or more, and digits of a number. Takes any text, in time that grows with its length alone.
 * @returns what there is too much of, in words that go after "the message"; undefined for all else
 */
export function findExcess(text: string): string | undefined {
  let depth = 0;
  let members = 0;
  let values = 0;
  let digits = 0;
  let longIntegers = 0;
  let isFraction = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isDigit) isFraction = code === POINT;
    digits = isDigit ? digits + 1 : 0;
    if (digits === LONG_DIGITS && !isFraction) longIntegers += 1;
    if (longIntegers > MOST_LONG_INTEGERS) return `has more than ${MOST_LONG_INTEGERS} integers of ${LONG_DIGITS} digits or more`;
    if (digits > MOST_DIGITS) return `has a number of more than ${MOST_DIGITS} digits`;
    switch (code) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case 0x7b: // {
      case 0x5b: // [
        depth += 1;
        if (depth > DEEPEST) return `is nested more than ${DEEPEST} levels deep`;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth -= 1;
        break;
      case 0x3a: // :
        members += 1;
        if (members > MOST_MEMBERS) return `has more than ${MOST_MEMBERS} members in its objects`;
        break;
      case 0x2c: // ,
        values += 1;
        if (values > MOST_VALUES) return `has more than ${MOST_VALUES} values`;
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
