import { hash } from 'node:crypto';
import { nameOperations } from '@gatehouse-mcp/openapi-tools';
import { compilePatterns } from '../entry-pattern.js';
import { LONGEST_NAME, SEARCH_TOOL_NAMES } from '../search-tools.names.js';
import { McpEntry } from './mcp.entry.js';
import { groupOf, type McpOrigin } from './mcp.origin.js';
import { McpPrompt, McpResource } from './mcp.resource.js';
import { uriOf, type ServerDefinitions } from './server.definitions.js';

/** What a tenant has of one server. */
export interface ServerImport {
  readonly entries: readonly McpEntry[];
  readonly resources: readonly McpResource[];
  readonly prompts: readonly McpPrompt[];
}

export const NOTHING_IMPORTED: ServerImport = { entries: [], resources: [], prompts: [] };

/** Makes the entries of a server from its definitions. */
export function importServer(origin: McpOrigin, { tools, resources, resourceTemplates, prompts }: ServerDefinitions): ServerImport {
  const prefix = `${groupOf(origin)}_`;
  const isIncluded = compilePatterns((origin.kind === 'remote' ? origin.settings.include : undefined) ?? ['*']);
  const all = [...resources, ...resourceTemplates];
  const names = { tools: nameAll(prefix, 'tool', tools.map(({ name }) => name)), resources: nameAll(prefix, 'resource', all.map(uriOf), all.map(({ name }) => name)), prompts: nameAll(prefix, 'prompt', prompts.map(({ name }) => name)) };
  return {
    entries: tools.map((tool, index) => new McpEntry(origin, names.tools[index] ?? '', tool)).filter(({ path }) => isIncluded(path)),
    resources: all.map((resource, index) => new McpResource(origin, names.resources[index] ?? '', resource)).filter(({ path }) => isIncluded(path)),
    prompts: prompts.map((prompt, index) => new McpPrompt(origin, names.prompts[index] ?? '', prompt)).filter(({ path }) => isIncluded(path)),
  };
}

/** Names that clients take, behind the prefix: what is cut or clashes ends in a hash of its key, so that none can take another's place. */
function nameAll(prefix: string, kind: string, keys: readonly string[], wanted = keys): readonly string[] {
  const names = nameOperations(keys.map((path, index) => ({ method: kind, path, operationId: wanted[index] ?? path })), LONGEST_NAME - prefix.length);
  return names.map((name, index) => {
    const full = prefix + name;
    return kind === 'tool' && SEARCH_TOOL_NAMES.has(full) ? `${full}_${hash('sha256', keys[index] ?? '', 'hex').slice(0, 6)}` : full;
  });
}
