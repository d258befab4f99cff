/**
 * Calls a tool with an API key of Gatehouse (`gatehouse keys create`, or a static key of the configuration). The key goes in the
 * header X-API-Key; `Authorization: Bearer KEY` does the same for clients that can send nothing else.
 *
 *   API_KEY=… node examples/clients/api-key/main.mjs [MCP-URL] [TOOL] [--bearer]
 */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const isBearer = process.argv.includes('--bearer');
const [url = 'http://localhost:3232/mcp', tool = 'docs_getOpenApi'] = process.argv.slice(2).filter((argument) => argument !== '--bearer');
const { API_KEY: key } = process.env;
if (!key) throw new Error('set API_KEY');

const headers = isBearer ? { authorization: `Bearer ${key}` } : { 'x-api-key': key };
const client = new Client({ name: 'api-key-example', version: '1' }, { versionNegotiation: { mode: 'auto' } });
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));

const result = await client.callTool({ name: tool, arguments: {} });
console.log(result.content.map(({ text }) => text).join('\n'));
await client.close();
process.exitCode = result.isError ? 1 : 0;
