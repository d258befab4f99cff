import { RE2JS } from 're2js';

interface Pattern {
  test(text: string): boolean;
}
const acceptsAll: Pattern = { test: () => true };

/**
 * A pattern in linear time. RE2's engine instead of the built-in backtracking one, whose first pattern costs milliseconds: so the plain
 * patterns of most documents, which cannot backtrack far, stay with the built-in one. What RE2 cannot express (lookaround, back
 * references) is left to the upstream: it accepts everything here.
 */
export function linearPattern(pattern: string): Pattern {
  try {
    if (cannotBacktrackFar(pattern)) return new RegExp(pattern, 'u');
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return { test: (text) => compiled.test(text) };
  } catch {
    return acceptsAll;
  }
}

const maxPlainLength = 200;
/** One character (an escape, a class, a literal) and how often. */
const piece = /(?:\\(?:[dDwWsStnrfv]|u[0-9a-fA-F]{4}|[^A-Za-z0-9])|\[(?:[^\]\\]|\\[^])*\]|[^\\^$|?*+()[\]{}])([*+?]|\{\d{1,3}(?:,\d{0,3})?\})?\??/uy;

/**
 * True for `^…$` and `^(…|…)$` of single characters of which one may repeat without a fixed count: then each position of the text is tried
 * as the end of that repetition, once. Not anchored at the start, none may repeat so.
 */
export function cannotBacktrackFar(pattern: string): boolean {
  if (pattern.length > maxPlainLength) return false;
  const isAnchored = pattern.startsWith('^');
  const inner = pattern.slice(isAnchored ? 1 : 0, pattern.endsWith('$') ? -1 : undefined);
  const group = /^\((?:\?:)?([^()]*)\)$/u.exec(inner)?.[1];
  return (group === undefined ? [inner] : group.split('|')).every((sequence) => countOpenRepeats(sequence) <= (isAnchored ? 1 : 0));
}

/** Repetitions without a fixed count; infinitely many when the text is more than single characters. */
function countOpenRepeats(sequence: string): number {
  let count = 0;
  piece.lastIndex = 0;
  while (piece.lastIndex < sequence.length) {
    const found = piece.exec(sequence);
    if (found === null) return Infinity;
    const [, repeat] = found;
    if (repeat !== undefined && !/^\{\d+\}$/.test(repeat)) count += 1;
  }
  return count;
}
