/**
 * Signs a person in with the authorization code flow and PKCE, and calls a tool. It knows the URL of Gatehouse only: where to
 * sign in, which scopes to ask for and who this client is are discovered and registered (RFC 9728, RFC 8414, RFC 7591).
 *
 *   node examples/clients/code-pkce/main.mjs [MCP-URL] [TOOL]
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';

const [url = 'http://localhost:3232/mcp', tool = 'orders_listOrders'] = process.argv.slice(2);

// The browser comes back to a port of this machine that nobody else has (RFC 8252 section 7.3).
const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const redirectUrl = `http://127.0.0.1:${server.address().port}/callback`;

/** What a client remembers between the steps. A real one keeps client and tokens for its next start. */
class Provider {
  redirectUrl = redirectUrl;
  clientMetadata = {
    client_name: 'Gatehouse example',
    redirect_uris: [redirectUrl],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  };
  sentState = randomUUID();
  kept = {};

  state = () => this.sentState;
  clientInformation = () => this.kept.client;
  saveClientInformation = (client) => void (this.kept.client = client);
  tokens = () => this.kept.tokens;
  saveTokens = (tokens) => void (this.kept.tokens = tokens);
  codeVerifier = () => this.kept.verifier;
  saveCodeVerifier = (verifier) => void (this.kept.verifier = verifier);
  discoveryState = () => this.kept.discovery;
  saveDiscoveryState = (discovery) => void (this.kept.discovery = discovery);
  redirectToAuthorization = (page) => console.log(`Open this page to sign in:\n${page.href}`);
}

/** Waits for the browser to come back. The state shows that the answer belongs to this sign-in. */
async function receiveCallback(state) {
  for (;;) {
    const [request, response] = await once(server, 'request');
    const { pathname, searchParams } = new URL(request.url, redirectUrl);
    const isOurs = pathname === '/callback' && searchParams.get('state') === state;
    response.writeHead(isOurs ? 200 : 404, { 'content-type': 'text/plain', connection: 'close' }).end(isOurs ? 'You can close this page.' : 'Not here.');
    if (isOurs) return searchParams;
  }
}

const provider = new Provider();
const connect = async () => {
  const client = new Client({ name: 'code-pkce-example', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: provider });
  return client.connect(transport).then(
    () => ({ client }),
    (error) => ({ error, transport }),
  );
};

let { client, error, transport } = await connect();
if (error instanceof UnauthorizedError) {
  // Throws when the person said no, or the answer is of another issuer.
  await transport.finishAuth(await receiveCallback(provider.sentState));
  ({ client, error } = await connect());
}
// Browsers ask for an icon too, and nobody answers that any more.
server.close().closeAllConnections();
if (error) throw error;

const result = await client.callTool({ name: tool, arguments: {} });
console.log(result.content.map(({ text }) => text).join('\n'));
await client.close();
process.exitCode = result.isError ? 1 : 0;
