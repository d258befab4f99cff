import { ArgumentError } from '../arguments/argument.error.js';

/** Percent-encodes all but the unreserved characters of RFC 3986 §2.3 (UTF-8), as RFC 6570 §3.2.1 does. */
export function encodeComponent(text: string, argument: string): string {
  if (/^[A-Za-z0-9\-._~]*$/.test(text)) return text;
  assertWellFormed(text, argument);
  return encodeURIComponent(text).replace(/[!'()*]/g, escapeCharacter);
}

/** Where `allowReserved` (RFC 6570 §3.2.3) puts the text: what would end or split that place is still encoded. */
export type ReservedPlace = 'query' | 'path' | 'cookie';

/**
 * What `allowReserved` lets through unencoded. OAS 3.2 leaves to the application what the place forbids: `#[]` in any query
 * (RFC 3986 §3.4), `&` and `+` because of form-urlencoded readers, `'` because WHATWG URL encodes it there; `/?#[]` in a path
 * segment; in a cookie what is no cookie-octet (RFC 6265 §4.1.1).
 */
const passing: Readonly<Record<ReservedPlace, RegExp>> = {
  query: /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~:/?@!$()*,;=]/gu,
  path: /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~:@!$&'()*+,;=]/gu,
  cookie: /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+=]/gu,
};

/** Percent-encodes, but keeps reserved characters that are harmless in that place, and percent-encoded triples. */
export function encodeReserved(text: string, argument: string, place: ReservedPlace): string {
  assertWellFormed(text, argument);
  return text.replace(passing[place], (found) => (found.length === 3 && found.startsWith('%') ? found : escapeCharacter(found)));
}

/** `application/x-www-form-urlencoded` serialising of WHATWG URL §5.2: a space is `+`, `*-._` stay. */
export function encodeFormText(text: string, argument: string): string {
  if (/^[A-Za-z0-9\-._*]*$/.test(text)) return text;
  assertWellFormed(text, argument);
  return encodeURIComponent(text).replace(/[!'()~]|%20/g, (found) => (found === '%20' ? '+' : escapeCharacter(found)));
}

/** A cookie's name: characters of an RFC 9110 token stay, all else is percent-encoded. */
export function encodeCookieName(name: string): string {
  return name.toWellFormed().replace(/[^A-Za-z0-9!#$&'*+\-.^_`|~]/gu, escapeCharacter);
}

/** Half a surrogate pair has no UTF-8 form; to send a replacement character instead would change the value unseen. */
export function assertWellFormed(text: string, argument: string): void {
  if (!text.isWellFormed()) throw new ArgumentError(`Argument "${argument}" has half a surrogate pair, which has no UTF-8 form.`, argument);
}

function escapeCharacter(character: string): string {
  const encoded = encodeURIComponent(character);
  return encoded === character ? `%${character.charCodeAt(0).toString(16).toUpperCase()}` : encoded;
}
