/**
 * Signs a person in on another device (RFC 8628): for a machine without a browser, such as a server or a television. The SDK has
 * no such grant, so this program does it, and hands the SDK the token.
 *
 *   node examples/clients/device-code/main.mjs [MCP-URL] [TOOL]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, discoverOAuthServerInfo, registerClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const [url = 'http://localhost:3232/mcp', tool = 'orders_listOrders'] = process.argv.slice(2);

const { authorizationServerUrl: issuer, authorizationServerMetadata: metadata, resourceMetadata } = await discoverOAuthServerInfo(url);
if (!metadata?.device_authorization_endpoint) throw new Error(`${issuer} has no device flow`);
const { client_id } = await registerClient(issuer, {
  metadata,
  clientMetadata: { client_name: 'Gatehouse device example', redirect_uris: [], response_types: [], grant_types: [GRANT], token_endpoint_auth_method: 'none' },
});

const post = async (endpoint, form) => {
  const response = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(form), signal: AbortSignal.timeout(10_000) });
  return { ok: response.ok, body: await response.json() };
};

const scope = (resourceMetadata?.scopes_supported ?? ['openid']).join(' ');
const device = await post(metadata.device_authorization_endpoint, { client_id, scope, resource: resourceMetadata?.resource ?? url });
if (!device.ok) throw new Error(`no code: ${device.body.error_description ?? device.body.error}`);
const { device_code, user_code, verification_uri, expires_in, interval = 5 } = device.body;
console.log(`Open ${verification_uri} on any device and enter the code ${user_code}`);

/** Asks until the person has answered, no faster than the server allows (section 3.5). */
async function waitForToken() {
  let seconds = interval;
  for (const end = Date.now() + expires_in * 1_000; Date.now() < end; ) {
    await sleep(seconds * 1_000);
    const { ok, body } = await post(metadata.token_endpoint, { grant_type: GRANT, device_code, client_id });
    if (ok) return body.access_token;
    if (body.error === 'slow_down') seconds += 5;
    else if (body.error !== 'authorization_pending') throw new Error(`not signed in: ${body.error_description ?? body.error}`);
  }
  throw new Error('nobody entered the code in time');
}

const token = await waitForToken();
const client = new Client({ name: 'device-code-example', version: '1' }, { versionNegotiation: { mode: 'auto' } });
await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider: { token: async () => token } }));

const result = await client.callTool({ name: tool, arguments: {} });
console.log(result.content.map(({ text }) => text).join('\n'));
await client.close();
process.exitCode = result.isError ? 1 : 0;
