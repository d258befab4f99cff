import { DocumentError } from './document.error.js';
import { isObject, ownObject, type JsonObject, type JsonValue } from '../json.js';
import { OpenApi3View } from './openapi3.view.js';
import { SchemaDefinitions } from '../schema/schema-definitions.js';
import type { VersionView } from './version-view.js';
import { parseYaml } from './yaml-text.js';

/** A loaded OpenAPI 3.x document. `root` is the document as written and is never changed. */
export interface ApiDocument {
  readonly openapi: string;
  readonly title: string;
  readonly version: string;
  /** Where the document came from; relative servers resolve against it. */
  readonly url?: string;
  readonly root: JsonObject;
  /** The document read as OpenAPI 3, whatever its version. */
  readonly view: VersionView;
  /** The converted `$ref` targets that this document's tools share; filled lazily, bounded by the document. */
  readonly definitions: SchemaDefinitions;
}

export interface LoadOptions {
  readonly url?: string;
  /** Largest accepted document in bytes of UTF-8; default 32 MiB. */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 32 * 1024 * 1024;

/**
 * Reads an OpenAPI 3.0, 3.1 or 3.2 document from JSON or YAML text (bytes: UTF-8, or UTF-16 with a byte order mark).
 * Nothing is fetched. Throws DocumentError, whose message says what is wrong and where.
 */
export function loadDocument(text: string | Uint8Array, options: LoadOptions = {}): ApiDocument {
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  const bytes = typeof text === 'string' ? Buffer.byteLength(text) : text.byteLength;
  if (bytes > maxBytes) throw new DocumentError('too_large', `The document has ${bytes} bytes; at most ${maxBytes} are read.`);
  const root = parseRoot(typeof text === 'string' ? text.replace(/^\uFEFF/, '') : decode(text));
  const openapi = checkVersion(root);
  const info = ownObject(root, 'info') ?? {};
  const version = info['version'];
  const definitions = new SchemaDefinitions(root, openapi, options.url);
  return {
    openapi,
    title: typeof info['title'] === 'string' ? info['title'] : 'Untitled API',
    version: typeof version === 'string' || typeof version === 'number' ? String(version) : '',
    ...(options.url === undefined ? {} : { url: options.url }),
    root,
    view: new OpenApi3View(root, definitions.references),
    definitions,
  };
}

function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

function parseRoot(text: string): JsonObject {
  const start = /\S/.exec(text)?.index;
  if (start === undefined) throw new DocumentError('empty', 'The document is empty.');
  if (text[start] === '<') {
    const kind = /^<(!doctype\s+html|html|head|body)\b/i.test(text.slice(start, start + 40)) ? 'an HTML page' : 'XML or HTML';
    throw new DocumentError('not_a_document', `This is ${kind}, not an OpenAPI document; is the address the one of the JSON or YAML file?`);
  }
  const root = text[start] === '{' || text[start] === '[' ? parseJsonOrFlow(text) : parseYaml(text);
  if (!isObject(root)) {
    throw new DocumentError('not_an_object', `The document is ${describeRoot(root)}, not an object with an "openapi" field.`);
  }
  return root;
}

/** What looks like JSON may be YAML's flow style (comments, trailing commas); JSON's own error is the one to report. */
function parseJsonOrFlow(text: string): unknown {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch (jsonError) {
    if (!(jsonError instanceof SyntaxError)) throw jsonError;
    try {
      return parseYaml(text);
    } catch (error) {
      if (!(error instanceof DocumentError) || error.code !== 'syntax') throw error;
      const { line, column } = locate(text, jsonError.message);
      throw new DocumentError('syntax', `The document is not valid JSON (line ${line}, column ${column}).`, { cause: jsonError });
    }
  }
}

function locate(text: string, message: string): { line: number; column: number } {
  const position = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
  const before = text.slice(0, position).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function describeRoot(root: unknown): string {
  if (Array.isArray(root)) return 'an array';
  return root === null || root === undefined ? 'empty' : `a single ${typeof root}`;
}

function checkVersion(root: JsonObject): string {
  if (Object.hasOwn(root, 'swagger')) {
    throw new DocumentError('unsupported_version', 'Swagger 2.0 is not supported yet (field "swagger"); OpenAPI 3.0, 3.1 and 3.2 are.');
  }
  const field = Object.hasOwn(root, 'openapi') ? root['openapi'] : undefined;
  if (field === undefined) throw new DocumentError('no_openapi_field', 'The document has no "openapi" field, so it is not an OpenAPI document.');
  // Unquoted in YAML, `openapi: 3.1` is a number.
  const version = typeof field === 'number' ? (Number.isInteger(field) ? `${field}.0` : String(field)) : field;
  if (typeof version !== 'string' || !/^3\.[012](\.|$|-)/.test(version)) {
    const found = JSON.stringify(field)?.slice(0, 40) ?? 'nothing';
    throw new DocumentError('unsupported_version', `The field "openapi" is ${found}; versions 3.0, 3.1 and 3.2 are supported.`);
  }
  return version;
}
