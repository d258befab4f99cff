import { stripInvisible } from '../schema/plain-text.js';

const word = /[\p{L}\p{M}]{2,}/gu;
const latin = /\p{sc=Latn}/u;
/** Alphabets with letters that look like Latin ones (UTS #39 §5.1: words of English are spoofed with these). */
const lookAlike = /[\p{sc=Cyrl}\p{sc=Grek}\p{sc=Armn}\p{sc=Cher}]/u;
/** Letters that only look like other text: mathematical, full-width and enclosed forms. */
const styledLetters = /[\u{1d400}-\u{1d7ff}\uff21-\uff3a\uff41-\uff5a\u{1f130}-\u{1f149}]{3,}/u;

/** What in a text a reader would not see as it is, or undefined. */
export function suspicionOf(text: string): string | undefined {
  if (/^[\x20-\x7e\n\r\t]*$/.test(text)) return undefined;
  if (stripInvisible(text).isChanged) return 'has characters that nobody sees';
  if (lookAlike.test(text) && text.match(word)?.some((letters) => latin.test(letters) && lookAlike.test(letters)) === true) return 'has a word that mixes alphabets';
  return styledLetters.test(text) ? 'has letters that stand in for others' : undefined;
}
