/** Anything outside printable ASCII and line breaks: most texts have none and are done with this. */
const unusual = /[^\x20-\x7e\n\r\t]/;
/** What no reader sees: zero-width and bidi controls, Unicode tags, variation selectors (Unicode calls these default ignorable), control characters, halves of surrogate pairs. */
const invisible = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2028\u2029\p{Surrogate}]|(?![\n\r\t])\p{Cc}/u;
/** In writing that needs them, joiners are spelling: Persian, Indic scripts, Sinhala, Khmer, Mongolian. */
const joiningScripts = '[\\p{sc=Arab}\\p{sc=Syrc}\\p{sc=Mong}\\p{sc=Deva}\\p{sc=Beng}\\p{sc=Guru}\\p{sc=Gujr}\\p{sc=Orya}\\p{sc=Taml}\\p{sc=Telu}\\p{sc=Knda}\\p{sc=Mlym}\\p{sc=Sinh}\\p{sc=Khmr}\\p{M}]';
const kept = [
  // One emoji of several: a joiner between two pictographs.
  '(?<=\\p{ExtPict}[\\ufe0f\\p{EMod}]?)\\u200d(?=\\p{ExtPict})',
  // The emoji form of a character, once.
  '(?<=[\\p{Emoji}\\p{ExtPict}])\\ufe0f',
  `(?<=${joiningScripts})[\\u200c\\u200d](?=${joiningScripts})`,
];
const keptOrInvisible = new RegExp(`(${kept.join('|')})|${invisible.source}`, 'gu');

/**
 * Removes characters that a person does not see but a model reads (Unicode tags, zero-width and bidi controls, invisible variation
 * selectors, control characters), so that what an administrator reviews is what the model gets. Emoji and the joiners of scripts that
 * are spelled with them stay. `isChanged`: something was removed.
 */
export function stripInvisible(text: string): { text: string; isChanged: boolean } {
  if (!unusual.test(text) || !invisible.test(text)) return { text, isChanged: false };
  const stripped = text.replace(keptOrInvisible, '$1');
  return { text: stripped, isChanged: stripped !== text };
}
