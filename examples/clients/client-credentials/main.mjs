/**
 * Calls a tool as a machine, with the client credentials grant (RFC 6749 section 4.4). The authorization server must know the
 * client; the SDK discovers it from the URL of Gatehouse, and shows the secret to no other than ISSUER.
 *
 *   CLIENT_ID=… CLIENT_SECRET=… ISSUER=… node examples/clients/client-credentials/main.mjs [MCP-URL] [TOOL]
 */
import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [url = 'http://localhost:3232/mcp', tool = 'orders_listOrders'] = process.argv.slice(2);
const { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, ISSUER: expectedIssuer = 'http://localhost:3001', SCOPE: scope = 'orders:read' } = process.env;
if (!clientId || !clientSecret) throw new Error('set CLIENT_ID and CLIENT_SECRET');

/** Gatehouse suggests the scopes of people, `openid` among them, which many servers refuse to a machine: it asks for its own. */
class MachineProvider extends ClientCredentialsProvider {
  prepareTokenRequest() {
    return super.prepareTokenRequest(scope);
  }
}

const authProvider = new MachineProvider({ clientId, clientSecret, expectedIssuer, scope });
const client = new Client({ name: 'client-credentials-example', version: '1' }, { versionNegotiation: { mode: 'auto' } });
await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }));

const result = await client.callTool({ name: tool, arguments: {} });
console.log(result.content.map(({ text }) => text).join('\n'));
await client.close();
process.exitCode = result.isError ? 1 : 0;
