import { RE2JS } from 're2js';

interface Pattern {
  test(text: string): boolean;
}
const acceptsAll: Pattern = { test: () => true };

/**
 * A pattern in linear time: RE2's engine instead of the built-in backtracking one. What RE2 cannot express (lookaround,
 * back references) is left to the upstream: it accepts everything here.
 */
export function linearPattern(pattern: string): Pattern {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return { test: (text) => compiled.test(text) };
  } catch {
    return acceptsAll;
  }
}
