import { isArray, isObject, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';

/** Where a converted schema has further schemas: one, a list of them, or some by name. */
const places: ReadonlyMap<string, 'one' | 'list' | 'map'> = new Map([
  ...['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties'].map((keyword) => [keyword, 'one'] as const),
  ...['prefixItems', 'allOf', 'anyOf', 'oneOf'].map((keyword) => [keyword, 'list'] as const),
  ...['properties', 'patternProperties', 'dependentSchemas', '$defs'].map((keyword) => [keyword, 'map'] as const),
]);

/** The schema with each direct subschema replaced: itself where nothing changes, else a copy; booleans stay as they are. */
export function mapSubschemas(schema: JsonObject, replace: (subschema: JsonObject) => JsonValue): JsonObject {
  return mapMembers(schema, (value, keyword) => {
    if (typeof value !== 'object' || value === null) return value;
    const place = places.get(keyword);
    if (place === undefined) return value;
    if (isArray(value)) return place === 'list' ? mapList(value, replace) : value;
    return place === 'one' ? replace(value) : place === 'map' ? mapMembers(value, (member) => (isObject(member) ? replace(member) : member)) : value;
  });
}

/** A loop, as V8 compiles `map` again whenever its result has another kind of elements. */
function mapList(list: readonly JsonValue[], replace: (schema: JsonObject) => JsonValue): readonly JsonValue[] {
  const mapped: JsonValue[] = [];
  let isChanged = false;
  for (const value of list) {
    const made = isObject(value) ? replace(value) : value;
    isChanged ||= made !== value;
    mapped.push(made);
  }
  return isChanged ? mapped : list;
}

/**
 * The object with each member's value replaced: itself where nothing changes. A copy is built member by member: to overwrite the members of
 * a clone makes V8 throw away what it compiled for objects of that shape.
 */
export function mapMembers(object: JsonObject, replace: (value: JsonValue, name: string) => JsonValue): JsonObject {
  const names = Object.keys(object);
  let draft: JsonDraft | undefined;
  for (const name of names) {
    const value = object[name] ?? null;
    const mapped = replace(value, name);
    if (draft === undefined && mapped === value) continue;
    draft ??= membersBefore(object, names, name);
    put(draft, name, mapped);
  }
  return draft ?? object;
}

function membersBefore(object: JsonObject, names: readonly string[], end: string): JsonDraft {
  const draft: JsonDraft = {};
  for (const name of names) {
    if (name === end) break;
    put(draft, name, object[name] ?? null);
  }
  return draft;
}

const none: ReadonlySet<string> = new Set();

/** Names of the definitions that a schema refers to, in the order in which they stand. */
export function definitionNames(schema: JsonValue): ReadonlySet<string> {
  return collectNames(schema, undefined) ?? none;
}

/** Most schemas refer to nothing, so the set is made for the first name. */
function collectNames(schema: JsonValue | undefined, given: Set<string> | undefined): Set<string> | undefined {
  let names = given;
  if (!isObject(schema)) return names;
  for (const keyword in schema) {
    const value = schema[keyword];
    if (keyword === '$ref' && typeof value === 'string') names = (names ?? new Set()).add(nameOfReference(value));
    if (typeof value !== 'object' || value === null) continue;
    const place = places.get(keyword);
    if (place === 'one') names = collectNames(value, names);
    else if (place === 'list' && isArray(value)) for (const member of value) names = collectNames(member, names);
    else if (place === 'map' && isObject(value)) for (const name in value) names = collectNames(value[name], names);
  }
  return names;
}

export const nameOfReference = (reference: string): string => reference.slice('#/$defs/'.length);
