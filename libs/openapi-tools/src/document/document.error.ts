export type DocumentErrorCode =
  | 'empty'
  | 'too_large'
  | 'not_a_document'
  | 'syntax'
  | 'not_an_object'
  | 'no_openapi_field'
  | 'unsupported_version'
  | 'too_complex'
  | 'no_server'
  | 'overlay'
  | 'unreadable';

/** The document as a whole cannot be used. `message` is public and names what is wrong and where. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  constructor(
    readonly code: DocumentErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
