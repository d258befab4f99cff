/**
 * What calls of real documents' operations must look like on the wire. Written by hand from the documents and the OpenAPI
 * Specification's style tables, never from the output of our code.
 */
export interface RequestExpectation {
  /** What it shows. */
  readonly shows: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly method: string;
  /** Raw path below the base URL. */
  readonly path: string;
  /** Raw query without `?`; empty when there is none. */
  readonly query: string;
  /** Headers that must have exactly this value. */
  readonly headers: Readonly<Record<string, string>>;
  /** Exact text of the body; absent when there must be none. `{boundary}`, here and in a content type, is what the request chose. */
  readonly body?: string;
}

export interface DocumentExpectation {
  /** File below `shared/openapi`. */
  readonly file: string;
  readonly operations: number;
  readonly requests: readonly RequestExpectation[];
}

export const accept = 'application/json, */*;q=0.1';
export const json = { accept, 'content-type': 'application/json' };
export const form = { accept, 'content-type': 'application/x-www-form-urlencoded' };
export const multipart = { accept, 'content-type': 'multipart/form-data; boundary={boundary}' };

/** The expectation with the boundary that the request chose in its content type (RFC 2046 §5.1.1: any that the parts do not contain). */
export function withBoundary(expected: RequestExpectation, contentType: string | readonly string[] | undefined): RequestExpectation {
  const boundary = /boundary="?([^";]+)/.exec(String(contentType))?.[1];
  if (boundary === undefined || expected.headers['content-type']?.includes('{boundary}') !== true) return expected;
  const headers = { ...expected.headers, 'content-type': expected.headers['content-type'].replace('{boundary}', boundary) };
  return { ...expected, headers, ...(expected.body === undefined ? {} : { body: expected.body.replaceAll('{boundary}', boundary) }) };
}
