/**
 * Bytes as text: by byte order mark, else by `charset`, else UTF-8. Bytes that are not valid become U+FFFD; an unknown
 * charset is read as UTF-8.
 */
export function decodeText(bytes: Uint8Array, charset: string | undefined): string {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return utf8(bytes.subarray(3));
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return utf8(bytes);
  return decoderFor(charset)?.decode(bytes) ?? utf8(bytes);
}

function decoderFor(charset: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    return new TextDecoder(charset);
  } catch {
    // The only failure here: a label that the Encoding Standard does not know.
    return undefined;
  }
}

// A Buffer view decodes small texts faster than TextDecoder.
const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

/** True for bytes that are text: valid UTF-8 without NUL. */
export function looksLikeText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
