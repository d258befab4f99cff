import { createHash } from 'node:crypto';
import { textBlock, type ContentBlock } from './tool-result.js';

const imageTypes = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** First bytes of formats that answers carry under a vague or wrong media type. */
const signatures: readonly (readonly [type: string, at: number, bytes: string])[] = [
  ['image/png', 0, '89504e470d0a1a0a'],
  ['image/jpeg', 0, 'ffd8ff'],
  ['image/gif', 0, '47494638'],
  ['image/webp', 8, '57454250'],
  ['audio/wav', 8, '57415645'],
  ['audio/mpeg', 0, '494433'],
  ['audio/ogg', 0, '4f676753'],
  ['application/pdf', 0, '255044462d'],
  ['application/zip', 0, '504b0304'],
  ['application/gzip', 0, '1f8b08'],
];

/** The media type that the first bytes give away, if any. */
export function sniffMediaType(body: Uint8Array): string | undefined {
  const start = hexOf(body.subarray(0, 16));
  return signatures.find(([, at, bytes]) => start.startsWith(bytes, at * 2))?.[0];
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');

/** Bytes as an image, audio or blob; above `maxBytes` a sentence that says what they were. */
export function shapeBinary(essence: string, body: Uint8Array, maxBytes: number): ContentBlock {
  const mimeType = essence === '' ? 'application/octet-stream' : essence;
  if (body.byteLength > maxBytes) return textBlock(`Binary response: ${mimeType}, ${body.byteLength} bytes; at most ${maxBytes} bytes are passed on.`);
  const data = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64');
  if (imageTypes.has(essence)) return { type: 'image', data, mimeType };
  if (essence.startsWith('audio/')) return { type: 'audio', data, mimeType };
  return { type: 'resource', resource: { uri: contentUri(body), mimeType, blob: data } };
}

/** A name made of the content itself (RFC 6920), since nothing can be read again under the upstream's URL. */
function contentUri(body: Uint8Array): string {
  return `ni:///sha-256;${createHash('sha256').update(body).digest('base64url')}`;
}
