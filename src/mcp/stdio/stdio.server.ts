import type { Readable, Writable } from 'node:stream';
import type { JsonObject } from '@gatehouse-mcp/openapi-tools';
import { ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server';
import { serveStdio as serveSdk } from '@modelcontextprotocol/server/stdio';
import type { LocalTools } from '../../calls/local.tools.js';
import { IDENTITY, toCallToolResult } from '../call-tool-result.js';
import { LineTransport } from './line.transport.js';

const CAPABILITIES = { tools: {} };

/** Serves a document's tools to the one client behind the streams, in the era that it opens with, until the input ends. */
export async function serveStdio(tools: LocalTools, input: Readable, output: Writable, onerror: (error: Error) => void): Promise<void> {
  const transport = new LineTransport(input, output);
  const handle = serveSdk(() => createServer(tools, transport), { transport, onerror });
  await new Promise<void>((resolve) => {
    input.once('end', resolve);
    input.once('close', resolve);
  });
  await handle.close();
}

function createServer(tools: LocalTools, transport: LineTransport): Server {
  const server = new Server(IDENTITY, { capabilities: CAPABILITIES });
  server.setRequestHandler('tools/list', ({ params }, { mcpReq }) => {
    const page = tools.page(params?.cursor);
    if (!page) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'the cursor is not one of this list');
    transport.attach(mcpReq.id, { name: 'tools', json: page.tools });
    return { tools: [], ...(page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor }) };
  });
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    if (!tools.has(params.name)) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no tool "${params.name}"`);
    // JSON came in, so the arguments are JSON.
    const result = await tools.call(params.name, (params.arguments ?? {}) as JsonObject, mcpReq.signal);
    if (result.structuredJson !== undefined) transport.attach(mcpReq.id, { name: 'structuredContent', json: result.structuredJson });
    return toCallToolResult(result);
  });
  return server;
}
