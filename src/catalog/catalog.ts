import { indexOperations, loadDocument, type OperationReport } from '@gatehouse-mcp/openapi-tools';
import type { ApiSettings } from '../config/configuration.schema.js';
import { Entry, type Api } from './entry.js';
import { matchesPattern } from './entry-pattern.js';

/** Tool names are at most this long, so that clients which put a server name in front stay below 64. */
const LONGEST_NAME = 44;

/** The entries of one tenant in one revision; immutable. */
export interface Catalog {
  readonly entries: readonly Entry[];
}

/** An API's document as an owner should see it: what became a tool, and what did not and why. */
export interface ApiImport {
  readonly entries: readonly Entry[];
  readonly report: readonly OperationReport[];
}

/**
 * Makes the entries of one API.
 * @throws DocumentError when the document as a whole cannot be read; a broken operation is only reported
 */
export function importApi(settings: ApiSettings, bytes: Uint8Array): ApiImport {
  const url = settings.openapi.startsWith('http') ? settings.openapi : undefined;
  const document = loadDocument(bytes, url === undefined ? {} : { url });
  const prefix = `${settings.name}_`;
  const { operations, report } = indexOperations(document, { maxNameLength: LONGEST_NAME - prefix.length });
  const scopes = new Set([...operations.flatMap(({ security }) => security.flat()), ...Object.keys(settings.scopes)]);
  const api: Api = { settings, document, scopes: [...scopes].sort() };
  const entries = operations
    .map((operation) => new Entry(prefix + operation.name, api, operation))
    .filter(({ path }) => settings.include?.some((pattern) => matchesPattern(pattern, path)) ?? true);
  return { entries, report };
}
