import { createHash } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** A stable text of `length` characters `[a-z2-7]` (5 bits each) for a list of strings: the start of its SHA-256. */
export function shortHash(parts: readonly string[], length = 6): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  return Array.from(digest.subarray(0, length), (byte) => alphabet[byte & 31]).join('');
}
