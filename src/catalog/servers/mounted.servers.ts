import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import { isServer, NATIVE_MODULES, type NativeModule } from '../native/native.modules.js';
import { definitionsCall } from './gateway.caller.js';
import { importServer, type ServerImport } from './import-server.js';
import { listDefinitions } from './list-definitions.js';
import { MCP_SERVER, type McpServerFactory, type MountSettings } from './mcp-server.decorator.js';
import type { MountedOrigin } from './mcp.origin.js';
import { MemoryPeer } from './memory.peer.js';

const GROUP = /^[A-Za-z][A-Za-z0-9-]{0,19}$/;
/** Milliseconds that a server may take to say what it has. */
const LONGEST = 10_000;

/** The servers that the application's own providers make, and the files that `modules` names; the same for every tenant, and read once, at the start. */
@Injectable()
export class MountedServers implements OnModuleInit {
  imports: readonly ServerImport[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
    @Inject(NATIVE_MODULES) private readonly modules: readonly NativeModule[],
  ) {}

  /** @throws Error naming a server that says nothing of use */
  async onModuleInit(): Promise<void> {
    const provided = this.discovery.getProviders().flatMap(({ metatype, instance }) => {
      const settings = typeof metatype === 'function' ? this.reflector.get<MountSettings | undefined>(MCP_SERVER, metatype) : undefined;
      return settings === undefined ? [] : [originOf(settings, instance)];
    });
    const origins = [...provided, ...this.modules.filter(isServer).map((server) => originOf(server, server))];
    const sorted = origins.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    sorted.forEach(({ name }, index) => {
      if (sorted[index - 1]?.name === name) throw new Error(`two MCP servers are mounted as "${name}"`);
    });
    this.imports = await Promise.all(sorted.map(readServer));
  }
}

function originOf({ group, scopes = {} }: MountSettings, instance: unknown): MountedOrigin {
  if (!GROUP.test(group)) throw new Error(`an MCP server cannot be mounted as "${group}": a letter, then letters, digits or "-", 20 at most`);
  if (!isFactory(instance)) throw new Error(`the MCP server "${group}" has no method create, or is a provider of another scope than the default`);
  return { kind: 'mounted', name: group, scopes, make: (context) => instance.create(context) };
}

async function readServer(origin: MountedOrigin): Promise<ServerImport> {
  const signal = AbortSignal.timeout(LONGEST);
  const server = await origin.make(definitionsCall(signal));
  try {
    const peer = await MemoryPeer.open(server, signal);
    return importServer(origin, await listDefinitions((method, params) => peer.request({ method, params, signal }), peer.capabilities));
  } catch (cause) {
    throw new Error(`the MCP server "${origin.name}" cannot be mounted: ${cause instanceof Error ? cause.message : 'it failed'}`, { cause });
  } finally {
    await server.close();
  }
}

const isFactory = (instance: unknown): instance is McpServerFactory => typeof instance === 'object' && instance !== null && 'create' in instance && typeof instance.create === 'function';
