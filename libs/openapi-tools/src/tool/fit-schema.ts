import { put, type JsonDraft, type JsonObject } from '../json.js';
import { writeSchema, type WrittenSchema } from '../schema/written-schema.js';
import { inlineStubs, loosen, rootWithin, shortenRootTexts, textLimits } from './shortened-schema.js';

export type FindDefinition = (name: string) => WrittenSchema | undefined;

/** The definitions that a schema may refer to, each form of them made once for all tools. */
export interface DefinitionSource {
  readonly whole: FindDefinition;
  /** As makeTerse leaves them. */
  readonly terse: FindDefinition;
  /** Whole, but with texts of at most `limit` characters. */
  short(limit: number): FindDefinition;
  /** Terse, and cut below `depth` levels. */
  pruned(name: string, depth: number): WrittenSchema | undefined;
}

/** A schema as a tool shows it. */
export interface FittedSchema {
  readonly schema: JsonObject;
  readonly json: string;
  readonly isShortened: boolean;
}

/** Bytes of a definition's name, quotes, colon and comma in `$defs`. */
const overheadOf = (name: string): number => name.length + 4;

/**
 * The schema of a tool within `budget` bytes of JSON, with the `$defs` that it needs. What does not fit is replaced by its type and a
 * description that says so, deepest first; arguments (the root's properties) always stay. Never invalid, no reference dangles, and the
 * same input gives the same output. A shortened schema accepts whatever the whole one does.
 */
export function fitSchema(root: WrittenSchema, source: DefinitionSource, budget: number): FittedSchema {
  const whole = root.bytes > budget ? undefined : closureWithin(root, source.whole, budget - root.bytes - '"$defs":{},'.length);
  if (whole !== undefined) return new SchemaWithDefinitions(root, whole, false);
  const terse = terselyWithin(root, source, budget);
  if (terse !== undefined) return terse;
  // Stubs may be longer than the references that they replace: aim lower until it fits.
  for (let aim = budget * 0.94; aim > budget / 8; aim *= 0.84) {
    const short = shorten(root, source, aim);
    if (short.bytes <= budget) return short;
  }
  const { schema, json } = writeSchema(rootWithin(loosen(inlineStubs(root.schema, source.whole, new Set())), budget));
  return { schema, json, isShortened: true };
}

/** Its JSON is put together from that of its parts; the schema is made when it is asked for. */
class SchemaWithDefinitions implements FittedSchema {
  constructor(
    private readonly root: WrittenSchema,
    private readonly definitions: ReadonlyMap<string, WrittenSchema>,
    readonly isShortened: boolean,
  ) {}

  /** Bytes of `json`. */
  get bytes(): number {
    if (this.definitions.size === 0) return this.root.bytes;
    let bytes = this.root.bytes + ',"$defs":{}'.length - 1;
    for (const [name, definition] of this.definitions) bytes += definition.bytes + overheadOf(name);
    return bytes;
  }

  get json(): string {
    if (this.definitions.size === 0) return this.root.json;
    let members = '';
    for (const [name, { json }] of this.definitions) members += `${members === '' ? '' : ','}"${name}":${json}`;
    return `${this.root.json.slice(0, -1)},"$defs":{${members}}}`;
  }

  get schema(): JsonObject {
    if (this.definitions.size === 0) return this.root.schema;
    const $defs: JsonDraft = {};
    for (const [name, { schema }] of this.definitions) put($defs, name, schema);
    return { ...this.root.schema, $defs };
  }
}

/** Structure says more than prose: before anything is pruned, texts go. Tried where that may be enough. */
function terselyWithin(root: WrittenSchema, source: DefinitionSource, budget: number): FittedSchema | undefined {
  const closure = closureWithin(root, source.whole, 4 * budget);
  if (closure === undefined) return undefined;
  for (const limit of textLimits) {
    const shortRoot = writeSchema(shortenRootTexts(root.schema, limit));
    const definitions = shortRoot.bytes > budget ? undefined : closureWithin(shortRoot, source.short(limit), budget - shortRoot.bytes - '"$defs":{}'.length);
    if (definitions !== undefined) return new SchemaWithDefinitions(shortRoot, definitions, true);
  }
  return undefined;
}

const nothing: ReadonlyMap<string, WrittenSchema> = new Map();

/** All definitions that the root needs, or undefined as soon as they are more than `limit` bytes. */
function closureWithin(root: WrittenSchema, find: FindDefinition, limit: number): ReadonlyMap<string, WrittenSchema> | undefined {
  if (root.uses.size === 0) return nothing;
  const found = new Map<string, WrittenSchema>();
  let bytes = 0;
  const needed = new Set(root.uses);
  // The set grows while it is read.
  for (const name of needed) {
    const definition = find(name);
    if (definition === undefined) continue;
    bytes += definition.bytes + overheadOf(name);
    if (bytes > limit) return undefined;
    found.set(name, definition);
    for (const use of definition.uses) needed.add(use);
  }
  return found;
}

function shorten(root: WrittenSchema, source: DefinitionSource, aim: number): SchemaWithDefinitions {
  const { whole: find, terse } = source;
  const shortRoot = writeSchema(rootWithin(loosen(root.schema), root.uses.size === 0 ? aim : aim * 0.6));
  const kept = new Map<string, WrittenSchema>();
  let left = aim - shortRoot.bytes;
  const seen = new Set<string>();
  // Level by level, so that what is near is kept; in a level the small ones first, so that most are.
  for (let level = shortRoot.uses; level.size > 0; ) {
    const below = new Set<string>();
    for (const { name, definition } of bySize(level, terse, seen)) {
      const part = definitionWithin(name, definition, source, left - overheadOf(name));
      if (part === undefined) continue;
      kept.set(name, part);
      left -= part.bytes + overheadOf(name);
      for (const use of part.uses) below.add(use);
    }
    level = below;
  }
  const names = new Set(kept.keys());
  const definitions = new Map([...kept].map(([name, part]) => [name, withStubs(part, find, names)]));
  return new SchemaWithDefinitions(withStubs(shortRoot, find, names), definitions, true);
}

/** What refers to nothing else than what is kept stays as it is. */
function withStubs(part: WrittenSchema, find: FindDefinition, kept: ReadonlySet<string>): WrittenSchema {
  for (const name of part.uses) if (!kept.has(name)) return writeSchema(inlineStubs(part.schema, find, kept));
  return part;
}

function bySize(names: Iterable<string>, find: FindDefinition, seen: Set<string>): readonly { readonly name: string; readonly definition: WrittenSchema }[] {
  const fresh = [...names].flatMap((name) => {
    const definition = seen.has(name) ? undefined : find(name);
    seen.add(name);
    return definition === undefined ? [] : [{ name, definition }];
  });
  return fresh.sort((a, b) => a.definition.bytes - b.definition.bytes);
}

/** All of its structure where that fits, else its upper levels where these leave room for others. */
function definitionWithin(name: string, terse: WrittenSchema, source: DefinitionSource, left: number): WrittenSchema | undefined {
  if (terse.bytes <= left) return terse;
  // Far too large to be worth a look: even its names would not fit.
  if (left < 200 || terse.bytes > left * 10) return undefined;
  for (const depth of [3, 2, 1]) {
    const part = source.pruned(name, depth);
    if (part !== undefined && part.bytes <= left / 2) return part;
  }
  return undefined;
}
