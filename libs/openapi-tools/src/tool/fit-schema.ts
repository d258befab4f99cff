import { isObject, own, ownArray, ownObject, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import type { RewrittenDefinition } from '../schema/schema-definitions.js';
import { definitionNames, mapMembers, mapSubschemas, nameOfReference } from '../schema/subschemas.js';
import { cutAt } from './apply-profile.js';

export type FindDefinition = (name: string) => RewrittenDefinition | undefined;

/** The definitions that a schema may refer to: as they are, and as {@link makeTerse} leaves them, made once for all tools. */
export interface DefinitionSource {
  readonly whole: FindDefinition;
  readonly terse: FindDefinition;
}

export interface FittedSchema {
  readonly schema: JsonObject;
  readonly json: string;
  readonly isShortened: boolean;
}

/** Bytes of a definition's name, quotes, colon and comma in `$defs`. */
const overheadOf = (name: string): number => name.length + 4;
export const bytesOf = (value: JsonValue): number => Buffer.byteLength(JSON.stringify(value));

/**
 * The schema of a tool within `budget` bytes of JSON, with the `$defs` that it needs. What does not fit is replaced by its type and a
 * description that says so, deepest first; arguments (the root's properties) always stay. Never invalid, no reference dangles, and the
 * same input gives the same output. A shortened schema accepts whatever the whole one does.
 */
export function fitSchema(root: JsonObject, source: DefinitionSource, budget: number): FittedSchema {
  const find = source.whole;
  const rootJson = JSON.stringify(root);
  const rootBytes = Buffer.byteLength(rootJson);
  const whole = rootBytes > budget ? undefined : closureWithin(root, find, budget - rootBytes - '"$defs":{},'.length);
  if (whole !== undefined) return wholeSchema(root, rootJson, whole);
  const terse = terselyWithin(root, find, budget);
  if (terse !== undefined) return terse;
  // Stubs may be longer than the references that they replace: aim lower until it fits.
  for (let aim = budget * 0.94; aim > budget / 8; aim *= 0.84) {
    const schema = shorten(root, source, aim);
    const json = JSON.stringify(schema);
    if (Buffer.byteLength(json) <= budget) return { schema, json, isShortened: true };
  }
  return fitted(rootWithin(loosen(inlineStubs(root, find, new Map())), budget), true);
}

const fitted = (schema: JsonObject, isShortened: boolean): FittedSchema => ({ schema, json: JSON.stringify(schema), isShortened });

/** The JSON is put together from that of the definitions, which tools share. */
function wholeSchema(root: JsonObject, rootJson: string, definitions: ReadonlyMap<string, RewrittenDefinition>): FittedSchema {
  if (definitions.size === 0) return { schema: root, json: rootJson, isShortened: false };
  const members = [...definitions].map(([name, { json }]) => `${JSON.stringify(name)}:${json}`);
  const schemas = new Map([...definitions].map(([name, { schema }]) => [name, schema]));
  return { schema: withDefinitions(root, schemas), json: `${rootJson.slice(0, -1)},"$defs":{${members.join(',')}}}`, isShortened: false };
}

/** Structure says more than prose: before anything is pruned, texts go. Tried where that may be enough. */
function terselyWithin(root: JsonObject, find: FindDefinition, budget: number): FittedSchema | undefined {
  const closure = closureWithin(root, find, 4 * budget);
  if (closure === undefined) return undefined;
  for (const limit of textLimits) {
    const definitions = new Map([...closure].map(([name, { schema }]) => [name, shortenTexts(schema, limit)]));
    const short = fitted(withDefinitions(shortenRootTexts(root, limit), definitions), true);
    if (Buffer.byteLength(short.json) <= budget) return short;
  }
  return undefined;
}

/** Characters that descriptions keep, from one attempt to the next. */
const textLimits = [200, 80, 0];

function shortenTexts(schema: JsonObject, limit: number): JsonObject {
  const draft: JsonDraft = { ...mapSubschemas(schema, (member) => shortenTexts(member, limit)) };
  delete draft['title'];
  const { description } = draft;
  if (limit === 0) delete draft['description'];
  else if (typeof description === 'string') draft['description'] = cutAt(description, limit);
  return draft;
}

/** What the arguments themselves say is the last to go. */
function shortenRootTexts(root: JsonObject, limit: number): JsonObject {
  const shortenProperty = (property: JsonValue): JsonValue => {
    if (!isObject(property)) return property;
    const { description } = property;
    return { ...shortenTexts(property, limit), ...(typeof description === 'string' ? { description: cutAt(description, Math.max(limit, 120)) } : {}) };
  };
  return { ...root, properties: mapMembers(ownObject(root, 'properties') ?? {}, shortenProperty) };
}

function withDefinitions(root: JsonObject, definitions: ReadonlyMap<string, JsonObject>): JsonObject {
  if (definitions.size === 0) return root;
  const $defs: JsonDraft = {};
  for (const [name, schema] of definitions) put($defs, name, schema);
  return { ...root, $defs };
}

/** All definitions that the root needs, or undefined as soon as they are more than `limit` bytes. */
function closureWithin(root: JsonObject, find: FindDefinition, limit: number): ReadonlyMap<string, RewrittenDefinition> | undefined {
  const found = new Map<string, RewrittenDefinition>();
  let bytes = 0;
  const needed = new Set(definitionNames(root));
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

function shorten(root: JsonObject, { whole: find, terse }: DefinitionSource, aim: number): JsonObject {
  const shortRoot = rootWithin(loosen(root), definitionNames(root).size === 0 ? aim : aim * 0.6);
  const kept = new Map<string, JsonObject>();
  let left = aim - bytesOf(shortRoot);
  const seen = new Set<string>();
  // Level by level, so that what is near is kept; in a level the small ones first, so that most are.
  for (let level = definitionNames(shortRoot); level.size > 0; ) {
    const below = new Set<string>();
    for (const { name, definition } of bySize(level, terse, seen)) {
      const part = definitionWithin(definition, left - overheadOf(name));
      if (part === undefined) continue;
      kept.set(name, part.schema);
      left -= part.bytes + overheadOf(name);
      for (const use of part.uses) below.add(use);
    }
    level = below;
  }
  const definitions = new Map([...kept].map(([name, schema]) => [name, inlineStubs(schema, find, kept)]));
  return withDefinitions(inlineStubs(shortRoot, find, kept), definitions);
}

function bySize(names: Iterable<string>, find: FindDefinition, seen: Set<string>): readonly { readonly name: string; readonly definition: RewrittenDefinition }[] {
  const fresh = [...names].flatMap((name) => {
    const definition = seen.has(name) ? undefined : find(name);
    seen.add(name);
    return definition === undefined ? [] : [{ name, definition }];
  });
  return fresh.sort((a, b) => a.definition.bytes - b.definition.bytes);
}

/** All of its structure where that fits, else its upper levels where these leave room for others. */
function definitionWithin(terse: RewrittenDefinition, left: number): Pick<RewrittenDefinition, 'schema' | 'bytes' | 'uses'> | undefined {
  if (terse.bytes <= left) return terse;
  // Far too large to be worth a look: even its names would not fit.
  if (left < 200 || terse.bytes > left * 10) return undefined;
  for (const depth of [3, 2, 1]) {
    const schema = prune(terse.schema, depth);
    const bytes = bytesOf(schema);
    if (bytes <= left / 2) return { schema, bytes, uses: definitionNames(schema) };
  }
  return undefined;
}

/** A definition for a schema that is shortened: its structure, with short texts, refusing nothing because of what is cut. */
export const makeTerse = (schema: JsonObject): JsonObject => shortenTexts(loosen(schema), 100);

/** The root with its properties' schemas cut to a depth at which it fits. */
function rootWithin(root: JsonObject, limit: number): JsonObject {
  if (bytesOf(root) <= limit) return root;
  const cutTo = (depth: number): JsonObject => {
    const properties = mapMembers(ownObject(root, 'properties') ?? {}, (property) => (isObject(property) ? prune(property, depth) : property));
    const additional = own(root, 'additionalProperties');
    return { ...root, properties, ...(isObject(additional) ? { additionalProperties: prune(additional, depth) } : {}) };
  };
  for (const depth of [5, 4, 3, 2, 1, 0]) {
    const cut = cutTo(depth);
    if (bytesOf(cut) <= limit) return cut;
  }
  // Only the names of the arguments and their types are left.
  const bare = (property: JsonValue): JsonValue => (isObject(property) && property['type'] !== undefined ? { type: property['type'], ...itemsOf(property) } : {});
  return { ...root, properties: mapMembers(ownObject(root, 'properties') ?? {}, bare), ...(isObject(root['additionalProperties']) ? { additionalProperties: true } : {}) };
}

/** Cuts below `depth` levels of subschemas. */
export function prune(schema: JsonObject, depth: number): JsonObject {
  if (depth <= 0) return stubOf(schema);
  return mapSubschemas(leaner(schema), (member) => prune(member, depth - 1));
}

/** Long lists of values and long texts go where room is short. */
function leaner(schema: JsonObject): JsonDraft {
  const draft: JsonDraft = { ...schema };
  if (ownArray(draft, 'enum').length > 24) delete draft['enum'];
  for (const keyword of ['default', 'const']) if (typeof draft[keyword] === 'object') delete draft[keyword];
  if (typeof draft['pattern'] === 'string' && draft['pattern'].length > 200) delete draft['pattern'];
  const { description } = draft;
  if (typeof description === 'string') draft['description'] = cutAt(description, 160);
  return draft;
}

/** `{type, description}` for what was cut; a schema without further schemas stays what it is, but for long texts. */
function stubOf(schema: JsonObject): JsonObject {
  const lean = leaner(schema);
  delete lean['title'];
  const inner = describeInside(lean);
  if (inner === undefined) return lean;
  const description = [shortDescription(schema), `(shortened: ${inner})`].filter((text) => text !== '').join(' ');
  return { ...(schema['type'] === undefined ? {} : { type: schema['type'] }), ...itemsOf(schema), description };
}

const itemsOf = (schema: JsonObject): JsonObject => ([schema['type']].flat().includes('array') ? { items: {} } : {});
const shortDescription = (schema: JsonObject): string => (typeof schema['description'] === 'string' ? cutAt(schema['description'], 60) : '');

/** What is inside a schema in a few words; undefined when nothing is. */
function describeInside(schema: JsonObject): string | undefined {
  const names = Object.keys(ownObject(schema, 'properties') ?? {});
  if (names.length > 0) return `has ${cutAt(names.join(', '), 80)}`;
  let hasInner = typeof schema['$ref'] === 'string';
  mapSubschemas(schema, (member) => {
    hasInner ||= Object.keys(member).length > 0;
    return member;
  });
  return hasInner ? 'the full schema is larger' : undefined;
}

/**
 * References to definitions that are not kept, replaced in place: about as long as the reference was. Only the type is known there, so
 * nothing may depend on the rest: see {@link loosen}.
 */
function inlineStubs(schema: JsonObject, find: FindDefinition, kept: ReadonlyMap<string, JsonObject>): JsonObject {
  const mapped = mapSubschemas(schema, (member) => inlineStubs(member, find, kept));
  const reference = mapped['$ref'];
  if (typeof reference !== 'string' || kept.has(nameOfReference(reference))) return mapped;
  const name = nameOfReference(reference);
  const siblings = without(mapped, references);
  const target = find(name)?.schema ?? {};
  const description = `${shortDescription(siblings)} (shortened: ${cutAt(name, 60)})`.trimStart();
  return { ...(target['type'] === undefined ? {} : { type: target['type'], ...itemsOf(target) }), ...siblings, description };
}

const tightening = new Set(['not', 'if', 'then', 'else', 'contains', 'minContains', 'maxContains', 'unevaluatedItems', 'unevaluatedProperties', 'oneOf']);
const references = new Set(['$ref']);

function without(schema: JsonObject, keywords: ReadonlySet<string>): JsonObject {
  const draft: JsonDraft = {};
  for (const [keyword, value] of Object.entries(schema)) if (!keywords.has(keyword)) draft[keyword] = value;
  return draft;
}

/** Without the keywords that turn "accepts more" into "refuses more": of several branches that accept anything, `oneOf` refuses all. */
function loosen(schema: JsonObject): JsonObject {
  const rest = without(schema, tightening);
  const oneOf = schema['oneOf'];
  const loose = oneOf === undefined || rest['anyOf'] !== undefined ? rest : { ...rest, anyOf: oneOf };
  return mapSubschemas(loose, loosen);
}

/** The schema with its references inlined as deep as the budget allows, for clients that know none; cycles end in a stub. `finish` makes it what the client takes. */
export function inlineWithin(root: JsonObject, find: FindDefinition, budget: number, finish: (schema: JsonObject) => JsonObject): FittedSchema {
  for (const depth of [10, 7, 5, 4, 3, 2, 1, 0]) {
    const state = { left: budget * 2, isShortened: false };
    const inlined = inline(loosen(root), find, depth, [], state);
    if (state.left < 0) continue;
    const schema = finish(inlined);
    const json = JSON.stringify(schema);
    if (Buffer.byteLength(json) <= budget) return { schema, json, isShortened: state.isShortened };
  }
  return fitted(rootWithin(finish(inlineStubs(loosen(root), find, new Map())), budget), true);
}

function inline(schema: JsonObject, find: FindDefinition, depth: number, around: readonly string[], state: { left: number; isShortened: boolean }): JsonObject {
  // A lower bound of its JSON: most schemas have at least a type.
  state.left -= 12;
  if (state.left < 0) return {};
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return mapSubschemas(schema, (member) => inline(member, find, depth, around, state));
  const name = nameOfReference(reference);
  const target = find(name);
  if (target === undefined || depth <= 0 || around.includes(name)) {
    state.isShortened ||= target !== undefined;
    return inlineStubs(mapSubschemas(schema, (member) => inline(member, find, depth, around, state)), find, new Map());
  }
  const siblings = without(schema, references);
  const inner = inline(loosen(target.schema), find, depth - 1, [...around, name], state);
  const outer = inline(siblings, find, depth, around, state);
  return joinSchemas(inner, outer);
}

/** A reference's target with what stood beside the reference. */
function joinSchemas(target: JsonObject, beside: JsonObject): JsonObject {
  const properties = mapMembers(ownObject(beside, 'properties') ?? {}, (property, name) => {
    const known = own(ownObject(target, 'properties') ?? {}, name);
    return isObject(known) && isObject(property) ? { ...known, ...property } : property;
  });
  const required = new Set([...ownArray(target, 'required'), ...ownArray(beside, 'required')]);
  return {
    ...target,
    ...beside,
    ...(Object.keys(properties).length > 0 ? { properties: { ...ownObject(target, 'properties'), ...properties } } : {}),
    ...(required.size > 0 ? { required: [...required] } : {}),
  };
}
