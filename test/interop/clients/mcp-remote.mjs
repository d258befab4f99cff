/** `mcp-remote` as a host starts it: a program on whose stdio an MCP client speaks. `node mcp-remote.mjs legacy|auto` */
import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { runChecks } from './run-checks.mjs';
import { describeSession, readResult } from './sdk-session.mjs';
import { stage } from './stage.mjs';

const [, , protocol = 'legacy'] = process.argv;
const manifest = createRequire(import.meta.url).resolve('mcp-remote/package.json');
const { default: { bin } } = await import(manifest, { with: { type: 'json' } });
const proxy = join(dirname(manifest), bin['mcp-remote']);

await runChecks({
  login: 'oauth',
  // Revision 2026-07-28, Cancellation: "closing the SSE response stream is the cancellation signal".
  ...(protocol === 'auto' ? { faults: { cancel: 'it posts notifications/cancelled and keeps the response open; in the modern era only closing it cancels' } } : {}),
  connect: async (user) => {
    const home = await mkdtemp(join(stage.folder, 'mcp-remote-'));
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [proxy, stage.mcpUrl, String(await findFreePort()), '--transport', 'http-only', '--protocol', protocol, '--host', '127.0.0.1'],
      env: { PATH: process.env.PATH ?? '', HOME: home, BROWSER: stage.browser, MCP_REMOTE_CONFIG_DIR: home, INTEROP_USER: user },
      stderr: 'inherit',
    });
    const client = new Client({ name: 'interop', version: '1' }, { capabilities: {} });
    await client.connect(transport);
    return describeSession(client, {
      protocol: `${protocol} towards the gateway`,
      call: async (name, args, signal) => readResult(await client.callTool({ name, arguments: args }, undefined, signal ? { signal } : {})),
      onToolsChanged: async (heard) => {
        client.setNotificationHandler(ToolListChangedNotificationSchema, heard);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      },
    });
  },
});

/** @returns {Promise<number>} */
function findFreePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
