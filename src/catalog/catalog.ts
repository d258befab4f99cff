import { hash } from 'node:crypto';
import { indexOperations, loadDocument, readPrompts, type DocumentPrompt, type Operation, type OperationReport, type Repair } from '@gatehouse-mcp/openapi-tools';
import type { ApiSettings } from '../config/configuration.schema.js';
import { documentUrl, type ApiSource } from './api.source.js';
import { OpenapiEntry, type Api, type Entry } from './entry.js';
import { compilePatterns } from './entry-pattern.js';
import type { NativePrompt } from './native/native.entry.js';
import type { McpPrompt, McpResource } from './servers/mcp.resource.js';
import { LONGEST_NAME, SEARCH_TOOL_NAMES } from './search-tools.names.js';

/** The entries of one tenant in one revision; immutable. */
export interface Catalog {
  readonly entries: readonly Entry[];
  /** Of other MCP servers. */
  readonly resources: readonly McpResource[];
  /** Of documents and other MCP servers. */
  readonly prompts: readonly (NativePrompt | McpPrompt)[];
}

/** An API's document as an owner should see it: what became a tool, and what did not and why. */
export interface ApiImport {
  readonly entries: readonly OpenapiEntry[];
  readonly prompts: readonly DocumentPrompt[];
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
  const isIncluded = compilePatterns(settings.include ?? ['*']);
  const entries = operations.map((operation) => new OpenapiEntry(nameTool(prefix, operation), api, operation)).filter(({ path }) => isIncluded(path));
  const prompts = readPrompts(document);
  return { entries, prompts: prompts.prompts.filter(({ name }) => isIncluded(`${settings.name}.${name}`)), report, notes: [...document.notes, ...notes, ...prompts.notes] };
}

/** An API named `search` with an operation `tools` would hide the tool that finds all others: its name goes on with a hash then. */
function nameTool(prefix: string, { name, key }: Operation): string {
  const tool = prefix + name;
  return SEARCH_TOOL_NAMES.has(tool) ? `${tool}_${hash('sha256', key, 'hex').slice(0, 6)}` : tool;
}
