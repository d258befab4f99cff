import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';

/** A message as it came, and with what. */
export interface McpMessage {
  readonly id?: string | number;
  readonly method?: string;
  readonly params: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly code: number };
  readonly headers: IncomingHttpHeaders;
  readonly httpMethod: string;
}

type Answering = (message: McpMessage, response: ServerResponse) => boolean | Promise<boolean>;

export const searchTool = { name: 'search', title: 'Search', description: 'Searches the wiki.', inputSchema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] }, annotations: { readOnlyHint: true } };

/**
 * A small MCP server on 127.0.0.1, over raw HTTP so that it can misbehave. It speaks the modern era, or a legacy one with sessions that
 * belong to whoever opened them; its tools answer with who called. Tests replace its lists, or its answers.
 */
export class FakeMcpServer {
  readonly messages: McpMessage[] = [];
  /** Whose each session is, by its id. */
  readonly sessions = new Map<string, string | undefined>();
  tools: object[] = [searchTool];
  resources: object[] = [];
  resourceTemplates: object[] = [];
  prompts: object[] = [];
  /** Answers in place of the server; true once it did. */
  answer: Answering = () => false;
  readonly #era: 'modern' | string;
  readonly #server: Server;

  private constructor(era: string) {
    this.#era = era;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const message: McpMessage = { params: {}, ...(text === '' ? {} : (JSON.parse(text) as object)), headers: request.headers, httpMethod: request.method ?? '' };
        this.messages.push(message);
        void (async () => {
          if (!(await this.answer(message, response))) this.#serve(message, response);
        })();
      });
    });
  }

  /** @param era `modern`, or the version of a legacy server */
  static async start(era: 'modern' | string = 'modern'): Promise<FakeMcpServer> {
    const started = new FakeMcpServer(era);
    await new Promise<void>((done) => started.#server.listen(0, '127.0.0.1', done));
    return started;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}/mcp`;
  }

  /** Messages of a method. */
  of(method: string): readonly McpMessage[] {
    return this.messages.filter((message) => message.method === method);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #serve(message: McpMessage, response: ServerResponse): void {
    const { id, method = '' } = message;
    const refusal = this.#era === 'modern' ? this.#refuseModern(message) : this.#refuseLegacy(message);
    if (refusal) return sendJson(response, { jsonrpc: '2.0', id: id ?? null, error: refusal.error }, refusal.status);
    if (message.httpMethod === 'DELETE') this.sessions.delete(String(message.headers['mcp-session-id']));
    if (id === undefined) return void response.writeHead(202).end();
    const headers = method === 'initialize' ? this.#open(message) : {};
    sendJson(response, { jsonrpc: '2.0', id, result: this.#resultOf(message) }, 200, headers);
  }

  #refuseModern({ params, method, headers }: McpMessage): { status: number; error: object } | undefined {
    const meta = params['_meta'] as Record<string, unknown> | undefined;
    if (meta?.['io.modelcontextprotocol/protocolVersion'] !== '2026-07-28') return { status: 400, error: { code: -32022, message: 'unsupported version', data: { supported: ['2026-07-28'] } } };
    if (headers['mcp-method'] !== method || headers['mcp-protocol-version'] !== '2026-07-28') return { status: 400, error: { code: -32020, message: 'header mismatch' } };
    return undefined;
  }

  #refuseLegacy({ method, headers }: McpMessage): { status: number; error: object } | undefined {
    if (method === 'initialize') return undefined;
    const session = headers['mcp-session-id'];
    if (session === undefined) return { status: 400, error: { code: -32000, message: 'Bad Request: no session' } };
    // The session, and the revision, as they were agreed.
    if (!this.sessions.has(String(session)) || headers['mcp-protocol-version'] !== this.#era) return { status: 404, error: { code: -32001, message: 'Session not found' } };
    return undefined;
  }

  #open({ headers }: McpMessage): Record<string, string> {
    const id = randomUUID();
    this.sessions.set(id, subjectOf(headers));
    return { 'mcp-session-id': id };
  }

  #resultOf(message: McpMessage): object {
    const { method, params } = message;
    const capabilities = { tools: {}, resources: {}, prompts: {}, completions: {} };
    switch (method) {
      case 'server/discover':
        return { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities, serverInfo: { name: 'fake', version: '1' } };
      case 'initialize':
        return { protocolVersion: this.#era, capabilities, serverInfo: { name: 'fake', version: '1' } };
      case 'tools/list':
        return { tools: this.tools };
      case 'resources/list':
        return { resources: this.resources };
      case 'resources/templates/list':
        return { resourceTemplates: this.resourceTemplates };
      case 'prompts/list':
        return { prompts: this.prompts };
      case 'resources/read':
        return { contents: [{ uri: params['uri'], text: `${String(params['uri'])} for ${subjectOf(message.headers)}` }] };
      case 'prompts/get':
        return { messages: [{ role: 'user', content: { type: 'text', text: `prompt ${JSON.stringify(params['arguments'])} for ${subjectOf(message.headers)}` } }] };
      case 'completion/complete':
        return { completion: { values: [`done for ${subjectOf(message.headers)}`] } };
      default:
        return { content: [{ type: 'text', text: `hello ${subjectOf(message.headers)}` }], structuredContent: { subject: subjectOf(message.headers) ?? null, session: this.sessions.get(String(message.headers['mcp-session-id'])) ?? null, arguments: params['arguments'] } };
    }
  }
}

/** Who the bearer token is about. */
export function subjectOf({ authorization }: IncomingHttpHeaders): string | undefined {
  return authorization === undefined ? undefined : decodeJwt(authorization.replace(/^Bearer /, '')).sub;
}

export function sendJson(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export const sendEvent = (response: ServerResponse, message: unknown): boolean => response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);

export const openEvents = (response: ServerResponse): ServerResponse => response.writeHead(200, { 'content-type': 'text/event-stream' });
