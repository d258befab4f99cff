import { createHash } from 'node:crypto';

/** Longest field that an audit record keeps whole, in UTF-16 code units. */
export const fieldLimit = 1_024;

// C0, DEL and C1 controls, Arabic letter mark, zero-width and bidi marks, line and paragraph separators, BOM,
// tag characters, lone surrogates: what would forge a line, a direction or a terminal command wherever the trail is shown.
const unsafe =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\\]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;
// oxlint-disable-next-line no-control-regex
const quickSafe = /^[\x20-\x5b\x5d-\x7e]*$/;

/**
 * The form in which a text enters an audit record. Control, bidi, zero-width and tag characters and lone surrogates
 * become `\u{hex}` and a backslash is doubled, so two different texts never become the same field. A text that is longer
 * than the limit is cut and ends with `\truncated{length,sha256}`: the length in UTF-16 code units and the SHA-256 of the
 * whole text's UTF-8 bytes. No other text can contain that mark, because a backslash of its own would be doubled.
 *
 * `|` and `=` stay: fields are stored apart, and an export that joins them must escape its own delimiters.
 *
 * @param text any string, of any length.
 * @param limit longest text that is kept whole, UTF-16 code units.
 * @returns a well-formed single-line string.
 */
export function escapeField(text: string, limit: number = fieldLimit): string {
  if (text.length <= limit) return quickSafe.test(text) ? text : text.replace(unsafe, escapeCharacter);
  const kept = text.slice(0, limit).replace(unsafe, escapeCharacter);
  return `${kept}\\truncated{${text.length},${createHash('sha256').update(text).digest('hex')}}`;
}

function escapeCharacter(character: string): string {
  return character === '\\' ? '\\\\' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
