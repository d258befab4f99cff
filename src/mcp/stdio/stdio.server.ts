import type { Readable, Writable } from 'node:stream';
import type { JsonObject } from '@gatehouse-mcp/openapi-tools';
import { type CallToolResult, ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server';
import { serveStdio as serveSdk } from '@modelcontextprotocol/server/stdio';
import type { LocalTools } from '../../calls/local.tools.js';
import { linkToAnswer, readAnswerUri } from '../answer-uri.js';
import { IDENTITY, toCallToolResult, toText } from '../call-tool-result.js';
import { takesResourceLinks } from '../client-facts.js';
import { describeHits, listSearchTools, readDescribeArguments, readSearchArguments, readToolCall, SEARCH_INSTRUCTIONS, type ToolCall } from '../search-tools.js';
import { LineTransport } from './line.transport.js';

const CAPABILITIES = { tools: {}, resources: {} };

/** Serves a document's tools to the one client behind the streams, in the era that it opens with, until the input ends. */
export async function serveStdio(tools: LocalTools, input: Readable, output: Writable, onerror: (error: Error) => void): Promise<void> {
  const transport = new LineTransport(input, output);
  const handle = serveSdk(() => createServer(tools, transport), { transport, onerror });
  await transport.ended;
  await handle.close();
}

function createServer(tools: LocalTools, transport: LineTransport): Server {
  const server = new Server(IDENTITY, { capabilities: CAPABILITIES, ...(tools.isSearched ? { instructions: SEARCH_INSTRUCTIONS } : {}) });
  server.setRequestHandler('tools/list', ({ params }, { mcpReq }) => {
    const page = tools.isSearched ? (params?.cursor === undefined ? { tools: listSearchTools(tools.profile), nextCursor: undefined } : undefined) : tools.page(params?.cursor);
    if (!page) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'the cursor is not one of this list');
    transport.attach(mcpReq.id, { name: 'tools', json: page.tools });
    return { tools: [], ...(page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor }) };
  });
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    const asked = readAsked(tools, params.name, params.arguments);
    if (asked.kind !== 'call') return answerSearch(tools, asked);
    const { tool, arguments: args } = asked.wanted;
    if (!tools.has(tool)) throw unknownTool(tool);
    // JSON came in, so the arguments are JSON.
    const given = (args ?? {}) as JsonObject;
    const result = await tools.call(tool, given, mcpReq.signal, takesResourceLinks(server.getNegotiatedProtocolVersion()) ? () => linkToAnswer({ tool, arguments: given }) : undefined);
    if (result.structuredJson !== undefined) transport.attach(mcpReq.id, { name: 'structuredContent', json: result.structuredJson });
    return toCallToolResult(result);
  });
  server.setRequestHandler('resources/list', () => ({ resources: [] }));
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [] }));
  server.setRequestHandler('resources/read', async ({ params: { uri } }, { mcpReq }) => {
    const asked = readAnswerUri(uri);
    const answer = asked && (await tools.read(asked.tool, asked.arguments, mcpReq.signal));
    if (!answer) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'there is no such resource', { uri });
    if ('error' in answer) throw new ProtocolError(ProtocolErrorCode.InternalError, answer.error);
    return { contents: [{ uri, ...answer }] };
  });
  return server;
}

/** Where there is no search, its tools are tools of the document, or none. */
function readAsked({ isSearched }: LocalTools, name: string, args: unknown): ToolCall {
  return isSearched ? readToolCall(name, args) : { kind: 'call', wanted: { tool: name, arguments: args, isNamedInSearch: false } };
}

function answerSearch(tools: LocalTools, asked: Exclude<ToolCall, { kind: 'call' }>): CallToolResult {
  if (asked.kind === 'refused') return toText(`The arguments are not valid: ${asked.message}`, true);
  if (asked.kind === 'search') {
    const read = readSearchArguments(asked.arguments);
    return read.ok ? toText(describeHits(tools.search(read.value.query, read.value.limit).map(({ operation }) => operation))) : toText(`The arguments are not valid: ${read.message}`, true);
  }
  const read = readDescribeArguments(asked.arguments);
  if (!read.ok) return toText(`The arguments are not valid: ${read.message}`, true);
  const text = tools.describe(read.value.name);
  if (text === undefined) throw unknownTool(read.value.name);
  return toText(text);
}

const unknownTool = (name: string): ProtocolError => new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no tool "${name}"`);
