/** `@modelcontextprotocol/client`: `node sdk-v2.mjs legacy|auto|modern`. */
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { createProvider } from './person.mjs';
import { runChecks } from './run-checks.mjs';
import { describeSession, readResult } from './sdk-session.mjs';
import { stage } from './stage.mjs';

const [, , era = 'auto'] = process.argv;
/** @type {import('@modelcontextprotocol/client').VersionNegotiationMode} */
const mode = era === 'modern' ? { pin: '2026-07-28' } : era === 'legacy' ? 'legacy' : 'auto';

await runChecks({
  login: 'oauth',
  connect: async (user) => {
    const provider = createProvider(user);
    let heard = () => {};
    const newClient = () =>
      new Client({ name: 'interop', version: '1' }, { versionNegotiation: { mode }, listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => heard() } } });
    const openTransport = () => new StreamableHTTPClientTransport(new URL(stage.mcpUrl), { authProvider: provider });
    let client = newClient();
    let transport = openTransport();
    const finishSignIn = async () => {
      const parameters = provider.takeCallback();
      if (!parameters) return false;
      await transport.finishAuth(parameters);
      return true;
    };
    try {
      await client.connect(transport);
    } catch (error) {
      if (!(error instanceof UnauthorizedError) || !(await finishSignIn())) throw error;
      client = newClient();
      transport = openTransport();
      await client.connect(transport);
    }
    return describeSession(client, {
      protocol: client.getNegotiatedProtocolVersion() ?? 'unknown',
      call: async (name, args, signal) => readResult(await client.callTool({ name, arguments: args }, signal ? { signal } : {})),
      onToolsChanged: async (listener) => {
        heard = listener;
        // Legacy: the GET stream; modern: `subscriptions/listen`. Both are opened by the client itself.
        await new Promise((resolve) => setTimeout(resolve, 500));
      },
      finishSignIn,
    });
  },
});
