/** Our own `gatehouse connect` as a host starts it: a program on whose stdio an SDK's client speaks. `node connect.mjs v1|v2` */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { runChecks } from './run-checks.mjs';
import { describeSession, readResult } from './sdk-session.mjs';
import { stage } from './stage.mjs';

const [, , generation = 'v1'] = process.argv;
/** The stream that tells of changes is opened by the bridge, or asked for by the client, once it is initialised. */
const letStreamOpen = () => new Promise((resolve) => setTimeout(resolve, 1_000));

await runChecks({ login: 'oauth', connect: generation === 'v2' ? connectV2 : connectV1 });

/** @param {string} user */
async function connectV1(user) {
  const client = new ClientV1({ name: 'interop', version: '1' }, { capabilities: {} });
  let protocol = 'unknown';
  // The client tells its transport what was agreed on, where that wants to know, and keeps no record of it.
  await client.connect(Object.assign(new TransportV1(await describeBridge(user)), { setProtocolVersion: (/** @type {string} */ version) => (protocol = version) }));
  return describeSession(client, {
    protocol,
    call: async (name, args, signal) => readResult(await client.callTool({ name, arguments: args }, undefined, signal ? { signal } : {})),
    onToolsChanged: async (heard) => {
      client.setNotificationHandler(ToolListChangedNotificationSchema, heard);
      await letStreamOpen();
    },
  });
}

/** @param {string} user */
async function connectV2(user) {
  let heard = () => {};
  const client = new Client({ name: 'interop', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } }, listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => heard() } } });
  await client.connect(new StdioClientTransport(await describeBridge(user)));
  return describeSession(client, {
    protocol: client.getNegotiatedProtocolVersion() ?? 'unknown',
    call: async (name, args, signal) => readResult(await client.callTool({ name, arguments: args }, signal ? { signal } : {})),
    onToolsChanged: async (listener) => {
      heard = listener;
      await letStreamOpen();
    },
  });
}

/** A person's own machine, with a display: without one the bridge opens no browser. @param {string} user */
async function describeBridge(user) {
  const home = await mkdtemp(join(stage.folder, 'connect-'));
  return {
    command: process.execPath,
    args: [stage.gatewayMain, 'connect', stage.mcpUrl],
    env: { PATH: process.env.PATH ?? '', HOME: home, XDG_CACHE_HOME: join(home, 'cache'), DISPLAY: ':0', INTEROP_USER: user },
    stderr: /** @type {const} */ ('inherit'),
  };
}
