import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

const decoders: Readonly<Record<string, (body: Uint8Array, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/**
 * Undoes a content encoding that an API used although none was asked for.
 * @param limit decoded bytes; more is an error, so that a small answer cannot become a large one
 */
export function decodeBody(encoding: string | string[] | undefined, body: Uint8Array, limit: number): Uint8Array {
  if (encoding === undefined || encoding === 'identity' || body.length === 0) return body;
  const decode = typeof encoding === 'string' ? decoders[encoding.trim().toLowerCase()] : undefined;
  if (!decode) throw new Error('the content encoding is not supported');
  return decode(body, { maxOutputLength: limit });
}
