/** A part of a JSON text: from `start` to before `end`, without white space around it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
/** A member of an object (with its name, still as JSON text) or an item of an array. */
export interface Child extends Span {
  readonly name?: string;
}

const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;

/** Position of the first character at or after `at` that is no white space. */
export function skipSpace(json: string, at: number): number {
  let next = at;
  while (next < json.length && isSpace(json.charCodeAt(next))) next += 1;
  return next;
}

/** Where the string that opens at `at` ends: behind its closing quote. */
function endOfString(json: string, at: number): number {
  for (let quote = json.indexOf('"', at + 1); quote !== -1; quote = json.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(quote - 1 - backslashes) === 92) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return json.length;
}

/** Where the value that begins at `at` ends. The text must be valid JSON; any depth is safe. */
export function endOfValue(json: string, at: number): number {
  let depth = 0;
  let next = at;
  while (next < json.length) {
    const code = json.charCodeAt(next);
    if (code === 34) {
      next = endOfString(json, next);
      if (depth === 0) return next;
      continue;
    }
    if (code === 123 || code === 91) depth += 1;
    else if (code === 125 || code === 93) {
      depth -= 1;
      if (depth <= 0) return depth === 0 ? next + 1 : next;
    } else if (depth === 0 && (code === 44 || isSpace(code))) return next;
    next += 1;
  }
  return json.length;
}

/** The members or items of the object or array at `at`, one by one. The text must be valid JSON. */
export function* childrenOf(json: string, at: number): Generator<Child> {
  const isNamed = json.charCodeAt(at) === 123;
  const close = isNamed ? 125 : 93;
  let next = skipSpace(json, at + 1);
  while (next < json.length && json.charCodeAt(next) !== close) {
    let name: string | undefined;
    if (isNamed) {
      const end = endOfString(json, next);
      name = json.slice(next, end);
      next = skipSpace(json, skipSpace(json, end) + 1);
    }
    const end = endOfValue(json, next);
    yield { start: next, end, ...(name === undefined ? {} : { name }) };
    next = skipSpace(json, end);
    if (json.charCodeAt(next) === 44) next = skipSpace(json, next + 1);
  }
}
