import { Refused } from '../catalog/native/native.definitions.js';

/** Beginnings of files of the types that a client shows by itself; at `at`, where that is not 0. */
const SIGNATURES: Readonly<Record<string, readonly { readonly at?: number; readonly bytes: string }[]>> = {
  'image/png': [{ bytes: '89504e470d0a1a0a' }],
  'image/jpeg': [{ bytes: 'ffd8ff' }],
  'image/gif': [{ bytes: '474946383761' }, { bytes: '474946383961' }],
  'image/webp': [{ at: 8, bytes: '57454250' }],
  'audio/wav': [{ at: 8, bytes: '57415645' }],
  'audio/mpeg': [{ bytes: '494433' }, { bytes: 'fffb' }, { bytes: 'fff3' }, { bytes: 'fff2' }],
  'audio/ogg': [{ bytes: '4f676753' }],
  'audio/flac': [{ bytes: '664c6143' }],
};
const UNKNOWN = 'application/octet-stream';
/** Types that programs run something of, when they believe them. */
const ACTIVE = /^(?:text\/html|application\/xhtml\+xml|image\/svg\+xml|(?:text|application)\/(?:x-)?(?:java|ecma)script|(?:text|application)\/xml|[a-z]+\/[^/]*\+xml)$/;

/** @throws Refused for what is not base64, to the last character */
export function decodeBase64(data: string): Buffer {
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== data) throw new Refused('data is not base64 (RFC 4648 §4, with its padding) of at least one byte');
  return bytes;
}

/**
 * What a client is told that bytes are: whoever attached them may have said anything. An image or a sound is one only when its
 * bytes begin as one does, and what a program would run is shown to none as that.
 */
export function judgeMediaType(claimed: string, bytes: Buffer): string {
  if (/^(?:image|audio)\//.test(claimed)) return isKnown(claimed, bytes) ? claimed : UNKNOWN;
  return ACTIVE.test(claimed) ? UNKNOWN : claimed;
}

/** MCP's content for an attachment: an image, a sound, or the bytes as a resource. */
export function toContent(uri: string, claimed: string, bytes: Buffer): Readonly<Record<string, unknown>> {
  const mimeType = judgeMediaType(claimed, bytes);
  const data = bytes.toString('base64');
  const [kind] = mimeType.split('/');
  return kind === 'image' || kind === 'audio' ? { type: kind, data, mimeType } : { type: 'resource', resource: { uri, mimeType, blob: data } };
}

const isKnown = (claimed: string, bytes: Buffer): boolean => (SIGNATURES[claimed] ?? []).some(({ at = 0, bytes: wanted }) => bytes.subarray(at, at + wanted.length / 2).toString('hex') === wanted);
