import { excerptOf, ownObject, type JsonObject, type JsonValue } from '../json.js';
import { readCredentialNames, type CredentialNames } from '../operation/operation-security.js';
import type { ReadParameter } from '../operation/operation-parameters.js';
import type { Repair } from '../repair.js';
import { SchemaDefinitions } from '../schema/schema-definitions.js';
import { DocumentError } from './document.error.js';
import { decodeDocument, parseDocument } from './document-text.js';
import { readExternals } from './external-documents.js';
import { OpenApi3View } from './openapi3.view.js';
import { applyOverlay } from './overlay.js';
import { ReferenceResolver } from './reference.js';
import { SharedParts } from './shared-parts.js';
import { Swagger2View } from './swagger2.view.js';
import type { VersionView } from './version-view.js';

/** A loaded OpenAPI document. `root` is the document as written, overlays applied, and is never changed. */
export interface ApiDocument {
  /** The version as the document says it: `2.0`, `3.0.3`, `3.1.0`, `3.2.0`… */
  readonly openapi: string;
  readonly title: string;
  readonly version: string;
  /** Where the document came from; relative servers and references resolve against it. */
  readonly url?: string;
  readonly root: JsonObject;
  /** The document read as OpenAPI 3, whatever its version. */
  readonly view: VersionView;
  /** Names of parameters that carry a credential, which no argument sets. */
  readonly credentialNames: CredentialNames;
  /** The parameters that operations share; filled lazily. */
  readonly sharedParameters: SharedParts<ReadParameter>;
  /** The converted `$ref` targets that this document's tools share; filled lazily, bounded by the document. */
  readonly definitions: SchemaDefinitions;
  /** The same for responses. */
  readonly responseDefinitions: SchemaDefinitions;
  /** The administrator's values of server variables. */
  readonly serverVariables: Readonly<Record<string, string>>;
  /** What there is to say of the document as a whole: overlay actions without a match, external documents that cannot be read. */
  readonly notes: readonly Repair[];
}

export interface LoadOptions {
  readonly url?: string;
  /** Largest accepted document in bytes of UTF-8; default 32 MiB. */
  readonly maxBytes?: number;
  /** Texts of Overlay documents (1.0, 1.1, 1.2), applied in this order. */
  readonly overlays?: readonly (string | Uint8Array)[];
  /** Texts of the documents that references may lead to, by absolute URL, as collectExternals gives them; nothing else is followed. */
  readonly externals?: ReadonlyMap<string, string>;
  /** Values for variables in server URLs by name; outside a variable's enum they give no server. */
  readonly serverVariables?: Readonly<Record<string, string>>;
}

const defaultMaxBytes = 32 * 1024 * 1024;

/**
 * Reads an OpenAPI 3.0, 3.1, 3.2 or Swagger 2.0 document from JSON or YAML text (bytes: UTF-8, or UTF-16 with a byte order mark).
 * Nothing is fetched. Throws DocumentError, whose message says what is wrong and where (`overlay`: in which overlay and action).
 */
export function loadDocument(text: string | Uint8Array, options: LoadOptions = {}): ApiDocument {
  const notes: Repair[] = [];
  const root = applyOverlays(readRoot(text, options.maxBytes ?? defaultMaxBytes), options.overlays ?? [], notes);
  const openapi = checkVersion(root);
  const info = ownObject(root, 'info') ?? {};
  const version = info['version'];
  const externals = readExternals(options.externals ?? new Map(), notes);
  const references = new ReferenceResolver(root, options.url, externals);
  const definitions = new SchemaDefinitions(root, openapi, options.url, 'request', references);
  const view = openapi === '2.0' ? new Swagger2View(root, references, options.url) : new OpenApi3View(root, references);
  return {
    openapi,
    title: typeof info['title'] === 'string' ? info['title'] : 'Untitled API',
    version: typeof version === 'string' || typeof version === 'number' ? String(version) : '',
    ...(options.url === undefined ? {} : { url: options.url }),
    root,
    view,
    credentialNames: readCredentialNames(view),
    sharedParameters: new SharedParts(),
    definitions,
    responseDefinitions: definitions.forResponses(),
    serverVariables: options.serverVariables ?? {},
    notes,
  };
}

/** The document's text as data. Throws DocumentError. */
export function readRoot(text: string | Uint8Array, maxBytes = defaultMaxBytes): JsonObject {
  const bytes = typeof text === 'string' ? Buffer.byteLength(text) : text.byteLength;
  if (bytes > maxBytes) throw new DocumentError('too_large', `The document has ${bytes} bytes; at most ${maxBytes} are read.`);
  return parseDocument(decodeDocument(text));
}

function applyOverlays(root: JsonObject, overlays: readonly (string | Uint8Array)[], notes: Repair[]): JsonObject {
  let result = root;
  for (const overlay of overlays) {
    const applied = applyOverlay(result, overlay);
    result = applied.root;
    notes.push(...applied.notes);
  }
  return result;
}

function checkVersion(root: JsonObject): string {
  const swagger = Object.hasOwn(root, 'swagger') ? root['swagger'] : undefined;
  if (swagger === '2.0' || swagger === 2 || swagger === '2') return '2.0';
  const field = Object.hasOwn(root, 'openapi') ? root['openapi'] : undefined;
  if (swagger !== undefined && field === undefined) {
    throw new DocumentError('unsupported_version', `The field "swagger" is ${excerpt(swagger)}; of Swagger, version 2.0 is supported.`);
  }
  if (field === undefined) throw new DocumentError('no_openapi_field', 'The document has no "openapi" field, so it is not an OpenAPI document.');
  // Unquoted in YAML, `openapi: 3.1` is a number.
  const version = typeof field === 'number' ? (Number.isInteger(field) ? `${field}.0` : String(field)) : field;
  if (typeof version !== 'string' || !/^3\.[012](\.|$|-)/.test(version)) {
    throw new DocumentError('unsupported_version', `The field "openapi" is ${excerpt(field)}; versions 3.0, 3.1 and 3.2 are supported, and Swagger 2.0.`);
  }
  return version;
}

const excerpt = (value: JsonValue | undefined): string => excerptOf(value, 40);
