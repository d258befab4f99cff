/** The MCP server behind the federated entry: the official SDK, without sessions. */
import { createServer } from 'node:http';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

const [port = '', marker = ''] = process.argv.slice(2);

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'other', version: '1' });
  server.registerTool('getItem', { description: 'Gets an item.', inputSchema: z.object({ id: z.string() }) }, ({ id }) => {
    const item = { id, status: 'open', title: marker, lines: [{ sku: 'a-1', quantity: 2 }, { sku: 'b-2', quantity: 1 }], total: 129.9 };
    return { content: [{ type: 'text', text: JSON.stringify(item) }], structuredContent: item };
  });
  return server;
});

createServer((request, response) => {
  void (async () => {
    if (request.method === 'GET') return response.end('ready');
    const body = Buffer.concat(await request.toArray()).toString();
    const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] => (typeof value === 'string' ? [[name, value]] : []));
    const answer = await handler.fetch(new Request(`http://127.0.0.1${request.url ?? '/'}`, { method: 'POST', headers, body }));
    return response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
  })().catch(() => response.destroy());
}).listen(Number(port), '127.0.0.1');
