import { compileOperation, indexOperations } from '@gatehouse-mcp/openapi-tools';
import { longestName, readProfile } from './client-profile.option.js';
import { openDocument } from './document.source.js';
import type { OpenapiInput } from './openapi.command.js';

/** Prints the tools/list result that a client gets: indented, or on one line with `--json`. */
export async function listTools({ sources, isJson, profile: name }: OpenapiInput): Promise<number> {
  const profile = readProfile(name);
  const [source] = sources;
  if (!source) return 1;
  const document = await openDocument(source);
  const { operations } = indexOperations(document, { maxNameLength: longestName(profile) });
  const tools = operations.map((operation) => compileOperation(document, operation, { profile }).tool);
  const text = JSON.stringify({ tools }, null, isJson ? 0 : 2);
  console.log(text);
  console.error(`${tools.length} tools, ${Buffer.byteLength(text)} bytes, profile ${name ?? 'default'}`);
  return 0;
}
