import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMcpHandler, McpServer, type Server as McpCore } from '@modelcontextprotocol/server';
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';
import { z as z4 } from 'zod/v4';
import { subjectOf } from './fake-mcp-server.js';

/** A server on 127.0.0.1 that an SDK serves. */
export interface SdkMcpServer {
  readonly url: string;
  readonly host: string;
  /** Methods of the requests, in order. */
  readonly methods: readonly string[];
  stop(): Promise<void>;
}

async function listen(serve: RequestListener, methods: readonly string[]): Promise<SdkMcpServer> {
  const server: Server = createServer(serve);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { url: `http://${host}/mcp`, host, methods, stop };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString();
}

/** Version 2 of the SDK, without sessions. @param legacy whether it also knows the eras before */
export async function startModernSdkServer(legacy: 'stateless' | 'reject'): Promise<SdkMcpServer> {
  const methods: string[] = [];
  const handler = createMcpHandler(
    ({ requestInfo }) => {
      const subject = subjectOf({ authorization: requestInfo?.headers.get('authorization') ?? undefined });
      const server = new McpServer({ name: 'modern', version: '1' });
      server.registerTool('add', { description: 'Adds.', inputSchema: z.object({ a: z.number(), b: z.number() }), outputSchema: z.object({ sum: z.number(), by: z.string() }) }, async ({ a, b }, extra) => {
        const progressToken = extra.mcpReq['_meta']?.progressToken;
        if (progressToken !== undefined) await extra.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: 1, total: 1 } });
        const structuredContent = { sum: a + b, by: subject ?? '' };
        return { content: [{ type: 'text', text: String(a + b) }], structuredContent };
      });
      server.registerTool('fails', { description: 'Fails.' }, () => {
        throw new Error('it is broken');
      });
      return server as McpServer | McpCore as McpServer;
    },
    { legacy },
  );
  return listen((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      methods.push((JSON.parse(body || '{}') as { method?: string }).method ?? request.method ?? '');
      const headers = Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as [string, string]] : []));
      const answer = await handler.fetch(new Request(`http://127.0.0.1${request.url}`, { method: request.method ?? 'POST', headers, ...(body === '' ? {} : { body }) }));
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      for await (const chunk of answer.body ?? []) response.write(chunk);
      response.end();
    })().catch(() => response.destroy());
  }, methods);
}

/** Version 1 of the SDK, with a session for each client. */
export async function startLegacySdkServer(): Promise<SdkMcpServer> {
  const methods: string[] = [];
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  return listen((request, response) => {
    void (async () => {
      const body: unknown = JSON.parse((await bodyOf(request)) || 'null');
      methods.push((body as { method?: string } | null)?.method ?? request.method ?? '');
      const known = sessions.get(String(request.headers['mcp-session-id']));
      if (known) return known.handleRequest(request, response, body);
      const subject = subjectOf(request.headers);
      const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID(), onsessioninitialized: (id) => void sessions.set(id, transport), onsessionclosed: (id) => void sessions.delete(id) });
      const server = new McpServerV1({ name: 'legacy', version: '1' });
      server.registerTool('add', { description: 'Adds.', inputSchema: { a: z4.number(), b: z4.number() }, outputSchema: { sum: z4.number(), by: z4.string() } }, async ({ a, b }, extra) => {
        const progressToken = extra['_meta']?.progressToken;
        if (progressToken !== undefined) await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1, total: 1 } });
        const structuredContent = { sum: a + b, by: subject ?? '' };
        return { content: [{ type: 'text', text: String(a + b) }], structuredContent };
      });
      server.registerTool('fails', { description: 'Fails.' }, async () => {
        throw new Error('it is broken');
      });
      await server.connect(transport as never);
      return transport.handleRequest(request, response, body);
    })().catch(() => response.destroy());
  }, methods);
}
