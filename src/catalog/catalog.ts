import { indexOperations, loadDocument, type OperationReport, type Repair } from '@gatehouse-mcp/openapi-tools';
import type { ApiSettings } from '../config/configuration.schema.js';
import { documentUrl, type ApiSource } from './api.source.js';
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
  /** What is to say of the document as a whole: an overlay's action or an override that found nothing. */
  readonly notes: readonly Repair[];
}

/**
 * Makes the entries of one API.
 * @param overlays the operator's, as texts in order
 * @throws DocumentError when the document or an overlay as a whole cannot be read; a broken operation is only reported
 */
export function importApi(settings: ApiSettings, source: ApiSource, overlays: readonly string[] = []): ApiImport {
  const document = loadDocument(source.document, {
    url: documentUrl(settings.openapi),
    overlays,
    externals: new Map(Object.entries(source.externals)),
    ...(settings.serverVariables === undefined ? {} : { serverVariables: settings.serverVariables }),
  });
  const prefix = `${settings.name}_`;
  const { operations, report, notes } = indexOperations(document, {
    maxNameLength: LONGEST_NAME - prefix.length,
    overrides: settings.overrides,
    ...(settings.filter === undefined ? {} : { filter: settings.filter }),
  });
  const scopes = new Set([...operations.flatMap(({ security }) => security.flat()), ...Object.keys(settings.scopes)]);
  const api: Api = { settings, document, scopes: [...scopes].sort() };
  const entries = operations
    .map((operation) => new Entry(prefix + operation.name, api, operation))
    .filter(({ path }) => settings.include?.some((pattern) => matchesPattern(pattern, path)) ?? true);
  return { entries, report, notes: [...document.notes, ...notes] };
}
