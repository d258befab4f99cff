import type { IncomingMessage, ServerResponse } from 'node:http';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { type LoopbackServer, listenOnLoopback } from '../loopback/listen.js';
import { Problem } from '../orders-api/problem.js';
import { createTokenVerifier, type Principal, type VerifyToken } from '../orders-api/token.verifier.js';
import { pages } from './pages.js';

export interface WikiServerOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly issuer: string;
}

/** An MCP server that was there before Gatehouse: whoever calls a tool needs a token for the audience `wiki`. What tools there are it tells everybody. */
export async function startWikiServer({ port, issuer }: WikiServerOptions): Promise<LoopbackServer> {
  const verifyToken = createTokenVerifier(issuer, 'wiki');
  return listenOnLoopback((request, response) => {
    serve(request, response, verifyToken).catch((error: unknown) => {
      const { status, headers, detail } = error instanceof Problem ? error : new Problem(500, 'It is broken.');
      response.writeHead(status, headers).end(detail);
    });
  }, port);
}

async function serve(request: IncomingMessage, response: ServerResponse, verifyToken: VerifyToken): Promise<void> {
  const body = Buffer.concat(await request.toArray()).toString();
  const reader = request.headers['mcp-method'] === 'tools/call' || body.includes('"tools/call"') ? await verifyToken(request.headers.authorization) : undefined;
  const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] => (typeof value === 'string' ? [[name, value]] : []));
  const answer = await createMcpHandler(() => createWiki(reader)).fetch(new Request(`http://wiki${request.url ?? '/'}`, { method: request.method ?? 'GET', headers, ...(body === '' ? {} : { body }) }));
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
}

/** One for each request, so that no reader gets another one's pages. */
function createWiki(reader: Principal | undefined): McpServer {
  const server = new McpServer({ name: 'wiki', version: '1.0.0' });
  const input = { description: "Reads a page of your company's wiki", inputSchema: z.object({ page: z.string() }), annotations: { readOnlyHint: true } };
  server.registerTool('read', input, ({ page }) => {
    const own = pages[reader?.tenant ?? ''] ?? {};
    const text = Object.hasOwn(own, page) ? own[page] : undefined;
    if (text === undefined) return { content: [{ type: 'text', text: `There is no page "${page}"; there are ${Object.keys(own).join(', ')}.` }], isError: true };
    const found = { page, text, reader: reader?.subject, audience: reader?.claims.aud };
    return { content: [{ type: 'text', text: JSON.stringify(found) }], structuredContent: found };
  });
  return server;
}
