import type { TestGateway } from './gateway.js';

/** What a test reads of an answer. */
export interface McpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly result: McpResult;
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } | undefined;
}

export interface McpResult {
  readonly tools: readonly ShownTool[];
  readonly nextCursor?: string;
  readonly instructions?: string;
  readonly isError?: boolean;
  readonly content: readonly { readonly text: string }[];
  /** Of resources/read. */
  readonly contents: readonly { readonly uri: string; readonly mimeType?: string; readonly text?: string; readonly blob?: string }[];
}

export interface ShownTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: { readonly properties: Record<string, unknown>; readonly [keyword: string]: unknown };
  readonly annotations: Readonly<Record<string, boolean>>;
}

export interface Sending {
  readonly token: string;
  readonly path?: string;
  /** `clientInfo.name` of the modern era. */
  readonly client?: string;
  readonly sessionId?: string | undefined;
  /** The revision that a request of the legacy era names in its header; by default none. */
  readonly version?: string;
}

/** Sends a request of the modern era. */
export function sendModern(gateway: TestGateway, method: string, params: Record<string, unknown>, { client = 'test', ...sending }: Sending): Promise<McpAnswer> {
  const version = '2026-07-28';
  const meta = { 'io.modelcontextprotocol/protocolVersion': version, 'io.modelcontextprotocol/clientInfo': { name: client, version: '1' }, 'io.modelcontextprotocol/clientCapabilities': {} };
  const named = params['name'] ?? params['uri'];
  const headers = { 'mcp-protocol-version': version, 'mcp-method': method, ...(typeof named === 'string' ? { 'mcp-name': named } : {}) };
  return send(gateway, { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }, headers, sending);
}

/** Sends a request of the legacy era; as text where its numbers are to arrive as written. */
export function sendLegacy(gateway: TestGateway, method: string, params: Record<string, unknown> | string, { version, ...sending }: Sending): Promise<McpAnswer> {
  const text = typeof params === 'string' ? params : JSON.stringify(params);
  return send(gateway, `{"jsonrpc":"2.0","id":1,"method":${JSON.stringify(method)},"params":${text}}`, version === undefined ? {} : { 'mcp-protocol-version': version }, sending);
}

async function send(gateway: TestGateway, body: unknown, headers: Record<string, string>, { token, path, sessionId }: Omit<Sending, 'client' | 'version'>): Promise<McpAnswer> {
  const response = await gateway.post(body, { token, ...(path === undefined ? {} : { path }), headers: { ...headers, ...(sessionId === undefined ? {} : { 'mcp-session-id': sessionId }) } });
  const message = (await response.json()) as { result?: McpResult; error?: McpAnswer['error'] };
  // A test that reads a result where there is none sees that it is not.
  return { status: response.status, headers: response.headers, result: message.result ?? ({} as McpResult), error: message.error };
}
