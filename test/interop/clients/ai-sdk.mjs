/** `@ai-sdk/mcp`, the MCP client of the AI SDK: asks for the modern era first. */
import { auth, createMCPClient, UnauthorizedError } from '@ai-sdk/mcp';
import { createProvider } from './person.mjs';
import { runChecks } from './run-checks.mjs';
import { describeSession, readResult } from './sdk-session.mjs';
import { stage } from './stage.mjs';

await runChecks({
  login: 'oauth',
  lacks: {
    'list changed': 'the client hands no notification to its user and opens no subscriptions/listen',
    'step-up': 'it signs in again after 401 only',
  },
  connect: async (user) => {
    const provider = createProvider(user);
    const connect = () => createMCPClient({ transport: { type: 'http', url: stage.mcpUrl, authProvider: provider }, onUncaughtError: () => {} });
    let client;
    try {
      client = await connect();
    } catch (error) {
      const parameters = provider.takeCallback();
      if (!parameters || !(error instanceof UnauthorizedError)) throw error;
      await auth(provider, { serverUrl: stage.mcpUrl, authorizationCode: parameters.get('code') ?? '', callbackState: parameters.get('state') ?? '', callbackIssuer: parameters.get('iss') ?? '' });
      client = await connect();
    }
    const connected = client;
    return {
      ...describeSession({ getServerCapabilities: () => connected.initializeResult.capabilities }, { protocol: connected.initializeResult.protocolVersion }),
      tools: async () => {
        const names = [];
        let cursor;
        do {
          const page = await connected.listTools(cursor === undefined ? {} : { params: { cursor } });
          names.push(...page.tools.map(({ name }) => name));
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        return names;
      },
      call: async (name, args, signal) => readResult(await connected.callTool({ name, arguments: args, ...(signal ? { options: { signal } } : {}) })),
      close: () => connected.close(),
    };
  },
});
