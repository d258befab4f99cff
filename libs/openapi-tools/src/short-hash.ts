import { hash } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** A stable text of `length` characters `[a-z2-7]` (5 bits each) for a list of strings: the start of its SHA-256. */
export function shortHash(parts: readonly string[], length = 6): string {
  const digest = hash('sha256', JSON.stringify(parts), 'buffer');
  let text = '';
  for (const byte of digest.subarray(0, length)) text += alphabet.charAt(byte & 31);
  return text;
}
