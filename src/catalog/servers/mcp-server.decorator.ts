import { SetMetadata } from '@nestjs/common';
import type { CallContext } from '../../context/call-context.js';
import type { MountedServer } from './mcp.origin.js';

export const MCP_SERVER = 'gatehouse:mcp-server';

/** What is said of a mounted server. */
export interface MountSettings {
  /** Stands before the names of its entries, as an API's name does. */
  readonly group: string;
  /** By pattern of `group.tool`: the scope or role that a caller must hold for it. */
  readonly scopes?: Readonly<Record<string, string>>;
}

/** A provider that makes an MCP server for whoever calls: of any version of the SDK, unchanged. */
export interface McpServerFactory {
  create(context: CallContext): MountedServer | Promise<MountedServer>;
}

/** Marks the provider of a server: its tools, resources and prompts are entries of every tenant. */
export const McpServerOf = (group: string, settings: Omit<MountSettings, 'group'> = {}): ClassDecorator => SetMetadata(MCP_SERVER, { group, ...settings } satisfies MountSettings);
