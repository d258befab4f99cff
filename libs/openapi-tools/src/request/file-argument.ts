import { ArgumentError } from '../arguments/argument.error.js';
import { isObject, ownString, type JsonValue } from '../json.js';
import { admitsType, essenceOf, isSendableType, isWildcard } from '../media-type.js';
import { assertWellFormed } from './percent-encoding.js';

/** A file as a call gives it. */
export interface FileContent {
  readonly bytes: Buffer;
  readonly filename?: string;
  readonly mimeType?: string;
}

/** Decodes the files of one call, which together may have `maxBytes` bytes. */
export class FileDecoder {
  readonly #maxBytes: number;
  #left: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#left = maxBytes;
  }

  /** Reads `{ data, filename?, mime_type? }` or the data alone: base64 (either alphabet) or a `data:` URI (RFC 2397). Throws ArgumentError. */
  decode(value: JsonValue, argument: string): FileContent {
    const data = isObject(value) ? ownString(value, 'data') : value;
    if (typeof data !== 'string') throw new ArgumentError(`Argument "${argument}" is a file: give { "data": base64 text or a data: URI }.`, argument);
    const uri = /^\s*data:([^,]*),/i.exec(data);
    const header = uri?.[1] ?? '';
    const content = uri === null ? data : data.slice(uri[0].length);
    const bytes = uri === null || /;\s*base64\s*$/i.test(header) ? this.#fromBase64(content, argument) : this.#fromEscapes(content, argument);
    const filename = isObject(value) ? ownString(value, 'filename') : undefined;
    if (filename !== undefined) assertFilename(filename, argument);
    const mimeType = (isObject(value) ? ownString(value, 'mime_type') : undefined) || header.replace(/;\s*base64\s*$/i, '').trim();
    if (mimeType !== '' && !isSendableType(mimeType)) throw new ArgumentError(`Argument "${argument}": mime_type must be a media type such as image/png.`, argument);
    return { bytes, ...(filename === undefined ? {} : { filename }), ...(mimeType === '' ? {} : { mimeType }) };
  }

  #fromBase64(text: string, argument: string): Buffer {
    // Four characters are three bytes; checked before anything is copied, with room for line breaks.
    if (text.length > this.#left * 1.5 + 1_024) throw this.#tooLarge(argument);
    const compact = text.replace(/\s+/g, '');
    const digits = compact.replace(/={1,2}$/, '');
    if (!/^[A-Za-z0-9+/_-]*$/.test(digits) || digits.length % 4 === 1) {
      throw new ArgumentError(`Argument "${argument}" is a file, and its data is not valid base64 (nor a data: URI).`, argument);
    }
    return this.#count(Buffer.from(digits, 'base64'), argument);
  }

  #fromEscapes(text: string, argument: string): Buffer {
    assertWellFormed(text, argument);
    if (text.length > this.#left * 3) throw this.#tooLarge(argument);
    const parts = text.split(/((?:%[0-9A-Fa-f]{2})+)/).map((part, index) => (index % 2 === 1 ? Buffer.from(part.replaceAll('%', ''), 'hex') : Buffer.from(part)));
    return this.#count(Buffer.concat(parts), argument);
  }

  #count(bytes: Buffer, argument: string): Buffer {
    this.#left -= bytes.length;
    if (this.#left < 0) throw this.#tooLarge(argument);
    return bytes;
  }

  #tooLarge(argument: string): ArgumentError {
    return new ArgumentError(`Argument "${argument}" is too large: the files of a call may have ${this.#maxBytes} bytes together.`, argument);
  }
}

/** Line breaks and quotes are escaped where the name is written; other control characters have no place in a name. */
function assertFilename(filename: string, argument: string): void {
  assertWellFormed(filename, argument);
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f]/.test(filename)) throw new ArgumentError(`Argument "${argument}": the filename has control characters.`, argument);
}

/**
 * The type a file is sent as: its own when the declared types admit it, else the first declared one that is no range. Nothing is
 * guessed from the bytes (OAS 3.2 §4.15.5.1). Throws ArgumentError when the file's type is not among them, or is needed and not said.
 */
export function chooseFileType(declared: readonly string[], { mimeType }: FileContent, argument: string): string {
  const allowed = declared.filter((type) => !isWildcard(essenceOf(type)));
  // "Bytes" says nothing of a type.
  const isUnsaid = mimeType === undefined || essenceOf(mimeType) === 'application/octet-stream';
  if (mimeType !== undefined && (allowed.length === 0 || allowed.some((type) => admitsType(essenceOf(type), essenceOf(mimeType))))) return mimeType;
  const concrete = allowed.find((type) => !essenceOf(type).includes('*'));
  // Bytes without a type fit a declared one; `application/octet-stream` says of itself that it takes all.
  if (concrete !== undefined && (isUnsaid || allowed.some((type) => essenceOf(type) === 'application/octet-stream'))) return concrete;
  if (allowed.length === 0) return 'application/octet-stream';
  throw new ArgumentError(`Argument "${argument}" needs a mime_type that is one of: ${allowed.join(', ')}.`, argument);
}
