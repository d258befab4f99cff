import { isObject, own, ownArray, ownObject, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import { mapMembers, mapSubschemas, nameOfReference } from '../schema/subschemas.js';
import { cutAt } from './apply-profile.js';
import type { FindDefinition } from './fit-schema.js';

export const bytesOf = (value: JsonValue): number => Buffer.byteLength(JSON.stringify(value));

/** Characters that descriptions keep, from one attempt to the next. */
export const textLimits = [200, 80, 0];

export function shortenTexts(schema: JsonObject, limit: number): JsonObject {
  const mapped = mapSubschemas(schema, (member) => shortenTexts(member, limit));
  const { title, description } = mapped;
  if (title === undefined && (description === undefined || (limit > 0 && typeof description === 'string' && description.length <= limit))) return mapped;
  const draft = without(mapped, limit === 0 ? texts : titles);
  if (limit > 0 && typeof description === 'string') draft['description'] = cutAt(description, limit);
  return draft;
}

/** What the arguments themselves say is the last to go. */
export function shortenRootTexts(root: JsonObject, limit: number): JsonObject {
  const shortenProperty = (property: JsonValue): JsonValue => {
    if (!isObject(property)) return property;
    const { description } = property;
    return { ...shortenTexts(property, limit), ...(typeof description === 'string' ? { description: cutAt(description, Math.max(limit, 120)) } : {}) };
  };
  return { ...root, properties: mapMembers(ownObject(root, 'properties') ?? {}, shortenProperty) };
}

/** A definition for a schema that is shortened: its structure, with short texts, refusing nothing because of what is cut. */
export const makeTerse = (schema: JsonObject): JsonObject => shortenTexts(loosen(schema), 100);

/** The root with its properties' schemas cut to a depth at which it fits. */
export function rootWithin(root: JsonObject, limit: number): JsonObject {
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
export function inlineStubs(schema: JsonObject, find: FindDefinition, kept: ReadonlySet<string>): JsonObject {
  const mapped = mapSubschemas(schema, (member) => inlineStubs(member, find, kept));
  const reference = mapped['$ref'];
  if (typeof reference !== 'string' || kept.has(nameOfReference(reference))) return mapped;
  const name = nameOfReference(reference);
  const siblings = withoutReference(mapped);
  const target = find(name)?.schema ?? {};
  const description = `${shortDescription(siblings)} (shortened: ${cutAt(name, 60)})`.trimStart();
  return { ...(target['type'] === undefined ? {} : { type: target['type'], ...itemsOf(target) }), ...siblings, description };
}

const tightening = new Set(['not', 'if', 'then', 'else', 'contains', 'minContains', 'maxContains', 'unevaluatedItems', 'unevaluatedProperties', 'oneOf']);
const reference = new Set(['$ref']);
const titles = new Set(['title']);
const texts = new Set(['title', 'description']);
export const withoutReference = (schema: JsonObject): JsonObject => without(schema, reference);

/** A copy without these keywords. It is built member by member: `delete` makes V8 turn an object into a slow dictionary. */
function without(schema: JsonObject, keywords: ReadonlySet<string>): JsonDraft {
  const draft: JsonDraft = {};
  for (const [keyword, value] of Object.entries(schema)) if (!keywords.has(keyword)) draft[keyword] = value;
  return draft;
}

/** Without the keywords that turn "accepts more" into "refuses more": of several branches that accept anything, `oneOf` refuses all. */
export function loosen(schema: JsonObject): JsonObject {
  if (!Object.keys(schema).some((keyword) => tightening.has(keyword))) return mapSubschemas(schema, loosen);
  const rest = without(schema, tightening);
  const oneOf = schema['oneOf'];
  const loose = oneOf === undefined || rest['anyOf'] !== undefined ? rest : { ...rest, anyOf: oneOf };
  return mapSubschemas(loose, loosen);
}

