import { createHash } from 'node:crypto';
import { isDocumentText } from '../config/openapi.values.js';

/** What an API's owner publishes: the document, and the files that it refers to and that the operator allowed. */
export interface ApiSource {
  readonly document: Uint8Array;
  /** Text by address. */
  readonly externals: Readonly<Record<string, string>>;
}

/** SHA-256, hex: of the document alone where it is one file, so that `sha256sum` says the same. */
export function hashSource({ document, externals }: ApiSource): string {
  const hash = createHash('sha256').update(document);
  for (const address of Object.keys(externals).sort()) hash.update(`\0${address}\0${externals[address]}`);
  return hash.digest('hex');
}

export const isAddress = (reference: string): boolean => /^https?:\/\//i.test(reference) && !isDocumentText(reference);

/** The base of a document's relative references: its address; for a file a path without this machine's folders, the same on every replica. */
export function documentUrl(openapi: string): string {
  if (isAddress(openapi)) return openapi;
  return new URL(isDocumentText(openapi) ? 'openapi' : openapi.replace(/^file:/, ''), 'file:///').href;
}
