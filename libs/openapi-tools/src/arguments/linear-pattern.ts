import { RE2JS } from 're2js';

interface Pattern {
  test(text: string): boolean;
}

const acceptsAll: Pattern = { test: () => true };

/**
 * Patterns in linear time: RE2's engine instead of the built-in backtracking one. What RE2 cannot express (lookaround,
 * back references) is left to the upstream: it accepts everything here. Has the shape of Ajv's `code.regExp`.
 */
export const linearPattern: { (pattern: string, flags: string): Pattern; code: string } = Object.assign(
  (pattern: string): Pattern => {
    try {
      const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
      return { test: (text) => compiled.test(text) };
    } catch {
      return acceptsAll;
    }
  },
  { code: 'linearPattern' },
);
