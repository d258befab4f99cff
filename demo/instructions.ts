import { users } from './authorization-server/users.js';
import { defaultPortBase, derivePorts, gatewayUrlsAt } from './ports.js';

/** How a person connects a real client to the running demo. */
export function describeConnecting(portBase: number): string {
  const url = `${gatewayUrlsAt(derivePorts(portBase).gateway)[0]}/mcp`;
  const moved = portBase === defaultPortBase ? '' : ` --port-base ${portBase}`;
  const names = users.map((user) => `${user.name} (${user.tenant}${user.scopes.includes('orders:write') ? '' : ', may only read'})`);
  return `Gatehouse serves. Connect a client of your own; it discovers the rest and opens the login page:

  MCP URL      ${url}
  Claude Code  claude mcp add --transport http gatehouse ${url}
  Inspector    npx @modelcontextprotocol/inspector, transport "Streamable HTTP", URL ${url}
  programs     node examples/clients/code-pkce/main.mjs${portBase === defaultPortBase ? '' : ` ${url}`}; three more are beside it
  by hand      curl with a token of: npm run -s demo:token -- alice${moved}

  users        ${names.join(', ')}
  passwords    the same as the user name

Ctrl-C stops everything.`;
}
