import { DocumentError } from '@gatehouse-mcp/openapi-tools';
import { request, type Dispatcher } from 'undici';

/** Largest document that is read, in bytes; the same for one file of a document in several. */
export const LARGEST_DOCUMENT = 32 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 20_000;

/** What an address said of its document, to be asked again with. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export type Fetched = { readonly kind: 'same' } | { readonly kind: 'document'; readonly bytes: Buffer; readonly validators: Validators };

/**
 * Reads a document from an address: within 20 s, at most 32 MiB, redirects not followed. The dispatcher decides what may be
 * connected.
 * @param known of the copy at hand; `same` when the address still has it (RFC 9110 §13)
 * @throws DocumentError whose message says what the address answered
 */
export async function fetchDocument(url: string, dispatcher: Dispatcher, known: Validators = {}): Promise<Fetched> {
  const headers = {
    accept: 'application/json, application/yaml, text/yaml, */*;q=0.5',
    ...(known.etag === undefined ? {} : { 'if-none-match': known.etag }),
    ...(known.lastModified === undefined ? {} : { 'if-modified-since': known.lastModified }),
  };
  const { statusCode, headers: answer, body } = await request(url, { dispatcher, headers, signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (statusCode !== 200) {
    await body.dump();
    if (statusCode === 304) return { kind: 'same' };
    const target = statusCode > 300 && statusCode < 309 && typeof answer.location === 'string' ? ` with a redirect to ${answer.location.slice(0, 200)}, which is not followed; name that address itself` : '';
    throw new DocumentError('not_a_document', `the address answered ${statusCode}${target}`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > LARGEST_DOCUMENT) throw new DocumentError('too_large', `the document is larger than ${LARGEST_DOCUMENT} bytes`);
    chunks.push(chunk);
  }
  const { etag, 'last-modified': lastModified } = answer;
  return {
    kind: 'document',
    bytes: Buffer.concat(chunks),
    validators: { ...(typeof etag === 'string' ? { etag } : {}), ...(typeof lastModified === 'string' ? { lastModified } : {}) },
  };
}
