import { clientProfiles, findExcess, parseArguments, rewriteForProfile, type JsonObject } from '@gatehouse-mcp/openapi-tools';
import { z } from 'zod';
import type { WantedTool } from '../calls/call.gate.js';
import { CALL_TOOL, DESCRIBE_TOOL, SEARCH_TOOLS } from '../catalog/search-tools.names.js';

/** What clients with a searched view are told at the start. */
export const SEARCH_INSTRUCTIONS = `This server has more tools than its list shows. Find them with ${SEARCH_TOOLS} (a few words about what is to be done), read the arguments of one with ${DESCRIBE_TOOL}, and call it with ${CALL_TOOL} or directly by its name.`;

const LONGEST_QUERY = 500;
const MOST_HITS = 50;
const HITS = 10;
/** Characters of a description in a list of hits. */
const EXCERPT = 200;

/** Models write a number as text now and then. */
const limit = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.int().min(1).max(MOST_HITS));
const searchArguments = z.strictObject({ query: z.string().min(1).max(LONGEST_QUERY), limit: limit.default(HITS) });
const describeArguments = z.strictObject({ name: z.string() });
const callArguments = z.strictObject({ name: z.string(), arguments: z.unknown().optional() });

export type SearchArguments = z.output<typeof searchArguments>;

/** Arguments that were read, or what is wrong with them in words for a model. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** A tools/call, as far as it is known before the view is. */
export type ToolCall =
  | { readonly kind: 'call'; readonly wanted: WantedTool }
  | { readonly kind: 'search'; readonly arguments: unknown }
  | { readonly kind: 'describe'; readonly arguments: unknown }
  /** A call_tool that names no tool. */
  | { readonly kind: 'refused'; readonly arguments: unknown; readonly message: string };

/** @param name of the tool, as the message has it */
export function readToolCall(name: string, args: unknown): ToolCall {
  if (name === SEARCH_TOOLS) return { kind: 'search', arguments: args };
  if (name === DESCRIBE_TOOL) return { kind: 'describe', arguments: args };
  if (name !== CALL_TOOL) return { kind: 'call', wanted: { tool: name, arguments: args, isNamedInSearch: false } };
  const read = readWith(callArguments, args);
  if (!read.ok) return { kind: 'refused', arguments: args, message: read.message };
  const inner = readObject(read.value.arguments ?? {});
  if (inner === undefined) return { kind: 'refused', arguments: args, message: 'arguments: must be an object with the arguments of the tool' };
  return { kind: 'call', wanted: { tool: read.value.name, arguments: inner, isNamedInSearch: true } };
}

export const readSearchArguments = (args: unknown): Read<SearchArguments> => readWith(searchArguments, args);
export const readDescribeArguments = (args: unknown): Read<{ readonly name: string }> => readWith(describeArguments, args);

/** The JSON text of the `tools` array that stands for all tools. @param profile whose limits the client has */
export function listSearchTools(profile: string | undefined): string {
  const rules = clientProfiles[profile ?? ''] ?? clientProfiles.default;
  return JSON.stringify(definitions.map((tool) => ({ ...tool, inputSchema: rewriteForProfile(tool.inputSchema, rules) })));
}

/** A tool that a search found. */
export interface FoundTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

/** What a model reads of a search. */
export function describeHits(hits: readonly FoundTool[]): string {
  if (hits.length === 0) return 'No tool fits. Try other words: what is to be done, and to what.';
  return JSON.stringify({ tools: hits.map(({ name, title, description }) => ({ name, title, description: excerpt(description) })) });
}

function excerpt(text: string): string {
  return text.length <= EXCERPT ? text : `${text.slice(0, EXCERPT - 1).toWellFormed().trimEnd()}…`;
}

function readWith<T>(schema: z.ZodType<T>, args: unknown): Read<T> {
  const result = schema.safeParse(args ?? {});
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, message: result.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ') };
}

/** Models send objects as JSON texts now and then. */
function readObject(value: unknown): object | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  // A text is bounded as the message around it is.
  if (typeof value !== 'string' || findExcess(value)) return undefined;
  try {
    const parsed: unknown = parseArguments(value);
    return typeof parsed === 'string' ? undefined : readObject(parsed);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

const reading = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };

function objectSchema(properties: JsonObject, required: readonly string[]): JsonObject {
  return { type: 'object', properties, required, additionalProperties: false };
}

const definitions: readonly { readonly name: string; readonly title: string; readonly description: string; readonly inputSchema: JsonObject; readonly annotations: object }[] = [
  {
    name: SEARCH_TOOLS,
    title: 'Search tools',
    description: `Finds the tools of this server that fit a query: it has more of them than this list shows. Answers with their names and what they do, the best first. Then use ${DESCRIBE_TOOL} and ${CALL_TOOL}.`,
    inputSchema: objectSchema(
      {
        query: { type: 'string', minLength: 1, maxLength: LONGEST_QUERY, description: 'A few words: what is to be done, and to what. For example: list open orders.' },
        limit: { type: 'integer', minimum: 1, maximum: MOST_HITS, default: HITS, description: `Most tools in the answer; ${HITS} when left out.` },
      },
      ['query'],
    ),
    annotations: reading,
  },
  {
    name: DESCRIBE_TOOL,
    title: 'Describe a tool',
    description: 'Shows one tool with the JSON Schema of its arguments. Read it before the first call of a tool.',
    inputSchema: objectSchema({ name: { type: 'string', description: `The name of a tool, as ${SEARCH_TOOLS} gives it.` } }, ['name']),
    annotations: reading,
  },
  {
    name: CALL_TOOL,
    title: 'Call a tool',
    description: `Calls a tool that ${SEARCH_TOOLS} found and answers with its result.`,
    inputSchema: objectSchema(
      {
        name: { type: 'string', description: `The name of the tool, as ${SEARCH_TOOLS} gives it.` },
        arguments: { type: 'object', description: `The arguments of the tool, as ${DESCRIBE_TOOL} shows them.`, additionalProperties: true },
      },
      ['name'],
    ),
    // It can be any tool, so it promises what the most dangerous one does.
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  },
];
