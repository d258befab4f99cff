import { writeJson, type JsonObject, type JsonValue } from '@gatehouse-mcp/openapi-tools';
import { DefinitionsError } from './definitions.error.js';
import { readDefinitions, type ServerDefinitions } from './server.definitions.js';

/** Pages of one list, members of it, and characters of all lists together. Time is the caller's to bound. */
const MOST_PAGES = 100;
const MOST_MEMBERS = 5_000;
const MOST_CHARACTERS = 8 * 1024 * 1024;

/** Sends one request to a server. @throws whatever its answer is that is no result */
export type AskServer = (method: string, params: JsonObject) => Promise<JsonObject>;

const LISTS = [
  { kind: 'tools', method: 'tools/list', capability: 'tools' },
  { kind: 'resources', method: 'resources/list', capability: 'resources' },
  { kind: 'resourceTemplates', method: 'resources/templates/list', capability: 'resources' },
  { kind: 'prompts', method: 'prompts/list', capability: 'prompts' },
] as const;

/**
 * Reads all that a server offers, page by page.
 * @param capabilities that it declares: what is not there is not asked for
 * @throws DefinitionsError for lists that are none, too large, or without an end
 */
export async function listDefinitions(ask: AskServer, capabilities: JsonObject): Promise<ServerDefinitions> {
  const listed: Record<(typeof LISTS)[number]['kind'], readonly JsonValue[]> = { tools: [], resources: [], resourceTemplates: [], prompts: [] };
  const room = { characters: MOST_CHARACTERS };
  for (const { kind, method, capability } of LISTS) if (Object.hasOwn(capabilities, capability)) listed[kind] = await readPages(ask, kind, method, room);
  return readDefinitions(listed);
}

async function readPages(ask: AskServer, kind: string, method: string, room: { characters: number }): Promise<readonly JsonValue[]> {
  const members: JsonValue[] = [];
  const cursors = new Set<string>();
  for (let cursor: JsonValue | undefined; ; ) {
    const page = await ask(method, cursor === undefined ? {} : { cursor });
    const found = page[kind];
    if (!Array.isArray(found)) throw new DefinitionsError(`${method}: the answer has no ${kind}`);
    room.characters -= writeJson(found).length;
    if (room.characters < 0) throw new DefinitionsError(`its lists have more than ${MOST_CHARACTERS} characters`);
    members.push(...found);
    if (members.length > MOST_MEMBERS) throw new DefinitionsError(`${method}: there are more than ${MOST_MEMBERS} ${kind}`);
    cursor = page['nextCursor'] ?? undefined;
    if (cursor === undefined) return members;
    if (typeof cursor !== 'string') throw new DefinitionsError(`${method}: nextCursor is no text`);
    if (cursors.has(cursor)) throw new DefinitionsError(`${method}: nextCursor repeats, so that the list has no end`);
    cursors.add(cursor);
    if (cursors.size >= MOST_PAGES) throw new DefinitionsError(`${method}: the list has more than ${MOST_PAGES} pages`);
  }
}
