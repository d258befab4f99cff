import type { ServerSettings } from '../../config/server.schema.js';
import type { CallContext } from '../../context/call-context.js';

/** A message that one side of a connection gives to the other. */
export type PeerMessage = Readonly<Record<string, unknown>>;

/** Our end of a connection in memory, in the shape that servers of every MCP SDK connect to. */
export interface MountTransport {
  onmessage?: ((message: never, extra?: never) => void) | undefined;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  start(): Promise<void>;
  send(message: never): Promise<void>;
  close(): Promise<void>;
}

/** `McpServer` and `Server` of the TypeScript SDK, version 1 and 2, are this. */
export interface MountedServer {
  connect(transport: MountTransport): Promise<void>;
  close(): Promise<void>;
}

/** Makes the server of one call, for whoever calls. */
export type MakeServer = (context: CallContext) => MountedServer | Promise<MountedServer>;

/** A server that another process runs. */
export interface RemoteOrigin {
  readonly kind: 'remote';
  readonly settings: ServerSettings;
}

/** A server that this process makes, anew for each call. */
export interface MountedOrigin {
  readonly kind: 'mounted';
  readonly name: string;
  /** By pattern of `group.tool`: what a caller must hold for it. */
  readonly scopes: Readonly<Record<string, string>>;
  readonly make: MakeServer;
}

/** Where an entry of another MCP server is. */
export type McpOrigin = RemoteOrigin | MountedOrigin;

export const groupOf = (origin: McpOrigin): string => (origin.kind === 'remote' ? origin.settings.name : origin.name);

export const scopesOf = (origin: McpOrigin): Readonly<Record<string, string>> => (origin.kind === 'remote' ? origin.settings.scopes : origin.scopes);
