import { textBlock, type ContentBlock } from './tool-result.js';

/** A resource that is the whole of an answer. */
export interface AnswerLink {
  readonly uri: string;
  /** Of the tool that answered. */
  readonly name: string;
}

/** Called only for an answer that is not whole in its result. @returns undefined where it can be read nowhere else */
export type LinkAnswer = () => AnswerLink | undefined;

/** Base64 of about 1 MiB: some hosts refuse results that are larger. */
const MOST_EMBEDDED = (1024 * 1024 * 3) / 4;

/** What the note on a shortened text says of its link. */
export const LINKED = ' The whole answer can be read at the linked resource.';

/** @returns the link to the whole of a text that was cut, if there can be one */
export function linkText(text: string, mimeType: string, link: LinkAnswer | undefined): readonly ContentBlock[] {
  const target = link?.();
  return target === undefined ? [] : [toBlock(target, mimeType, Buffer.byteLength(text), 'The whole answer, of which this result has a part.')];
}

/** @returns what stands for bytes that are too large for clients; undefined where they are not, or can be read nowhere else */
export function linkBinary(essence: string, body: Uint8Array, link: LinkAnswer | undefined): readonly ContentBlock[] | undefined {
  const target = body.byteLength > MOST_EMBEDDED ? link?.() : undefined;
  if (target === undefined) return undefined;
  const mimeType = essence === '' ? 'application/octet-stream' : essence;
  const note = `Binary response: ${mimeType}, ${body.byteLength} bytes; left out of this result, and to be read at the linked resource.`;
  return [textBlock(note), toBlock(target, mimeType, body.byteLength, 'The answer, which this result leaves out.')];
}

const toBlock = ({ uri, name }: AnswerLink, mimeType: string, size: number, description: string): ContentBlock => ({ type: 'resource_link', uri, name, mimeType, size, description });
