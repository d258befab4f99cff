import { z } from 'zod';
import type { GroupTables } from '../../database/group.tables.js';
import type { McpServerFactory, MountSettings } from '../servers/mcp-server.decorator.js';
import { InputNeeded, NotFound, Refused, type InputSchema, type NativeCall, type NativeDefinition, type PromptDefinition, type ResourceDefinition, type ToolDefinition } from './native.definitions.js';

/** An entry and what runs for it. */
export interface DefinedEntry {
  readonly definition: NativeDefinition;
  readonly handle: (input: unknown, call: NativeCall) => unknown;
}

/** The entries of one group, and its tables. */
export interface DefinedEntries {
  readonly group: string;
  readonly entries: readonly DefinedEntry[];
  readonly tables: GroupTables | undefined;
}

type Handler<Input> = (input: Input, call: NativeCall) => unknown;

/** @param handle brings a text, an object as `structuredContent`, `{ content, isError }`, or `InputNeeded` */
function tool<Input = Record<string, never>>(definition: ToolDefinition & { readonly input?: InputSchema<Input> }, handle: Handler<Input>): DefinedEntry {
  // What is handed to the handler is what the schema's validation gave.
  return { definition: { kind: 'tool', ...definition }, handle: handle as DefinedEntry['handle'] };
}

/** @param handle brings a text, bytes, or a list of MCP's contents; its input are the variables of the URI template */
function resource(definition: ResourceDefinition, handle: Handler<Readonly<Record<string, string>>>): DefinedEntry {
  return { definition: { kind: 'resource', ...definition }, handle: handle as DefinedEntry['handle'] };
}

/** @param handle brings a text of the user's, a list of MCP's messages, or `InputNeeded` */
function prompt(definition: PromptDefinition, handle: Handler<Readonly<Record<string, string>>>): DefinedEntry {
  return { definition: { kind: 'prompt', ...definition }, handle: handle as DefinedEntry['handle'] };
}

/** @param group stands before the names of its entries, as an API's name does */
function defineEntries(group: string, entries: readonly DefinedEntry[], tables?: GroupTables): DefinedEntries {
  return { group, entries, tables };
}

/** An MCP server that is made for whoever calls. */
export interface DefinedServer extends MountSettings, McpServerFactory {}

/**
 * A server of the MCP SDK, of any version and unchanged.
 * @param group stands before the names of its entries
 * @param create makes one for each call, of that call's context
 */
function mountServer(group: string, create: McpServerFactory['create'], settings: Omit<MountSettings, 'group'> = {}): DefinedServer {
  return { group, create, ...settings };
}

/** What the default export of a file of `modules` is given, and what it makes its entries with. */
export const native = Object.freeze({ defineEntries, mountServer, tool, resource, prompt, InputNeeded, NotFound, Refused, z });
export type Native = typeof native;
