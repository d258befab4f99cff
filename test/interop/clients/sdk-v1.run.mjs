/** The v1 SDK's client, whichever 1.x. */
import { createProvider } from './person.mjs';
import { runChecks } from './run-checks.mjs';
import { describeSession, readResult } from './sdk-session.mjs';
import { stage } from './stage.mjs';

/** @param {{ Client: any, StreamableHTTPClientTransport: any, UnauthorizedError: any, ToolListChangedNotificationSchema: any, LATEST_PROTOCOL_VERSION: string, lacks?: Record<string, string> }} sdk */
export function runSdkV1({ Client, StreamableHTTPClientTransport, UnauthorizedError, ToolListChangedNotificationSchema, LATEST_PROTOCOL_VERSION, lacks = {} }) {
  return runChecks({
    login: 'oauth',
    lacks,
    connect: async (user) => {
      const provider = createProvider(user);
      const openTransport = () => new StreamableHTTPClientTransport(new URL(stage.mcpUrl), { authProvider: provider });
      let client = new Client({ name: 'interop', version: '1' }, { capabilities: {} });
      let transport = openTransport();
      const finishSignIn = async () => {
        const parameters = provider.takeCallback();
        if (!parameters) return false;
        await transport.finishAuth(parameters.get('code'));
        return true;
      };
      try {
        await client.connect(transport);
      } catch (error) {
        if (!(error instanceof UnauthorizedError) || !(await finishSignIn())) throw error;
        client = new Client({ name: 'interop', version: '1' }, { capabilities: {} });
        transport = openTransport();
        await client.connect(transport);
      }
      return describeSession(client, {
        // The first releases keep no record of it; they ask for their latest, which the gateway knows.
        protocol: transport.protocolVersion ?? LATEST_PROTOCOL_VERSION,
        call: async (name, args, signal) => readResult(await client.callTool({ name, arguments: args }, undefined, signal ? { signal } : {})),
        onToolsChanged: async (heard) => {
          client.setNotificationHandler(ToolListChangedNotificationSchema, heard);
          // The client opened its GET stream when it was initialised.
          await new Promise((resolve) => setTimeout(resolve, 500));
        },
        finishSignIn,
      });
    },
  });
}
