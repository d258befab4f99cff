import { canonicalText, isWithinDepth, writeJson, type JsonObject, type JsonValue } from '@gatehouse-mcp/openapi-tools';
import { z } from 'zod';
import { DefinitionsError } from './definitions.error.js';

/** Nesting of one definition: what is deeper is a schema made to cost. */
const DEEPEST = 64;
/** Characters of one definition. */
const LARGEST = 128 * 1024;

const texts = { title: z.string().optional(), description: z.string().optional() };
// Parsed JSON of bounded depth.
const json = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
const name = z.string().min(1).max(128);
const hint = z.boolean().optional();

const tool = z.object({
  name,
  ...texts,
  inputSchema: json,
  outputSchema: json.optional(),
  annotations: z.object({ title: z.string().optional(), readOnlyHint: hint, destructiveHint: hint, idempotentHint: hint, openWorldHint: hint }).optional(),
});
const common = { name, ...texts, mimeType: z.string().max(255).optional() };
const resource = z.object({ uri: z.string().min(1).max(2_048), ...common });
/** Of one scheme: a template of any URI would stand before what others have. */
const resourceTemplate = z.object({ uriTemplate: z.string().max(2_048).regex(/^[a-z][a-z0-9+.-]*:/i, 'must begin with a scheme'), ...common });
const prompt = z.object({ name, ...texts, arguments: z.array(z.object({ name, ...texts, required: z.boolean().optional() })).max(100).optional() });

/** What of a server's lists Gatehouse shows, and so pins: members that are not here are nobody's to approve. */
const definitions = z.object({ tools: z.array(tool), resources: z.array(resource), resourceTemplates: z.array(resourceTemplate), prompts: z.array(prompt) });

export type ServerDefinitions = z.output<typeof definitions>;
export type ServerTool = z.output<typeof tool>;
export type ServerResource = z.output<typeof resource> | z.output<typeof resourceTemplate>;
export type ServerPrompt = z.output<typeof prompt>;

/** A resource's URI, or a template's. */
export const uriOf = (one: ServerResource): string => ('uri' in one ? one.uri : one.uriTemplate);

/**
 * Judges what a server listed.
 * @throws DefinitionsError naming the first definition that is none, or that stands twice
 */
export function readDefinitions(listed: Readonly<Record<keyof ServerDefinitions, readonly JsonValue[]>>): ServerDefinitions {
  for (const [kind, members] of Object.entries(listed)) {
    if (members.some((member) => !isWithinDepth(member, DEEPEST))) throw new DefinitionsError(`${kind}: a definition is nested deeper than ${DEEPEST} levels`);
    if (members.some((member) => writeJson(member).length > LARGEST)) throw new DefinitionsError(`${kind}: a definition has more than ${LARGEST} characters`);
  }
  const parsed = definitions.safeParse(listed);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new DefinitionsError(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is no definition'}`);
  }
  const { tools, resources, resourceTemplates, prompts } = parsed.data;
  return {
    tools: sortUnique('tools', tools, ({ name: own }) => own),
    resources: sortUnique('resources', resources, uriOf),
    resourceTemplates: sortUnique('resource templates', resourceTemplates, uriOf),
    prompts: sortUnique('prompts', prompts, ({ name: own }) => own),
  };
}

/** One text for equal definitions, in whatever order a server lists them: this is what is hashed, stored and approved. */
export const writeDefinitions = (read: ServerDefinitions): Buffer => Buffer.from(canonicalText(read as unknown as JsonObject));

/** What {@link writeDefinitions} wrote. */
export const parseDefinitions = (document: Uint8Array): ServerDefinitions => readDefinitions(JSON.parse(Buffer.from(document).toString('utf8')));

function sortUnique<T>(kind: string, members: readonly T[], keyOf: (member: T) => string): T[] {
  const sorted = members.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const twice = sorted.find((member, index) => index > 0 && keyOf(sorted[index - 1] ?? member) === keyOf(member));
  if (twice !== undefined) throw new DefinitionsError(`${kind}: ${JSON.stringify(keyOf(twice).slice(0, 80))} stands there twice`);
  return sorted;
}
