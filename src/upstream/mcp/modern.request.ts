import type { JsonObject } from '@gatehouse-mcp/openapi-tools';
import { isRecord } from '../../catalog/servers/expected-answer.js';
import { CLIENT_INFO, MODERN } from '../../catalog/servers/mcp.revisions.js';

/** A request of 2026-07-28 stands for itself: it says its revision, who asks, and that nothing can be asked of the asker. */
export function modernRequest(id: string, method: string, params: JsonObject, progressToken: string | undefined): JsonObject & { readonly id: string } {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
    'io.modelcontextprotocol/clientCapabilities': {},
    ...(progressToken === undefined ? {} : { progressToken }),
  };
  return { jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } };
}

/** Its headers, which repeat the body for whoever routes by them. @param inputSchema of the tool that is called */
export function modernHeaders(method: string, params: JsonObject, inputSchema: JsonObject = {}): Readonly<Record<string, string>> {
  const name = params['name'] ?? params['uri'];
  const parameters = [...declaredHeaders(inputSchema, params['arguments'])].map(([header, value]) => [`mcp-param-${header.toLowerCase()}`, encodeHeader(value)]);
  return { 'mcp-protocol-version': MODERN, 'mcp-method': method, ...(typeof name === 'string' ? { 'mcp-name': encodeHeader(name) } : {}), ...Object.fromEntries(parameters) };
}

/** Arguments that the schema wants in headers too (`x-mcp-header`), however deep they are. */
function* declaredHeaders(schema: JsonObject, value: unknown): Generator<readonly [header: string, value: string]> {
  if (!isRecord(schema['properties'])) return;
  for (const [key, member] of Object.entries(schema['properties'])) {
    const given = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    if (!isRecord(member) || given === undefined) continue;
    const header = member['x-mcp-header'];
    if (typeof header === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(header) && ['string', 'boolean', 'number'].includes(typeof given)) yield [header, String(given)];
    yield* declaredHeaders(member, given);
  }
}

/** A value that no plain header can carry goes as `=?base64?…?=`. */
function encodeHeader(value: string): string {
  const isPlain = /^[\x20-\x7e]+$/.test(value) && value === value.trim() && !/^=\?base64\?.*\?=$/.test(value);
  return isPlain ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`;
}
