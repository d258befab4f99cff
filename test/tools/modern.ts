/** Body and headers of a request of 2026-07-28. */
export function modernRequest(id: string | number, method: string, params: Readonly<Record<string, unknown>> = {}, capabilities: object = {}) {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  const { name, _meta: more } = params;
  const body = { jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...meta, ...(typeof more === 'object' ? more : {}) } } };
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...(typeof name === 'string' ? { 'mcp-name': name } : {}) };
  return { body, headers };
}
