import { isArray, isObject, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';

/** Where a converted schema has further schemas. */
const single = new Set(['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties']);
const lists = new Set(['prefixItems', 'allOf', 'anyOf', 'oneOf']);
const maps = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs']);

/** The schema with each direct subschema replaced: itself where nothing changes, else a copy; booleans stay as they are. */
export function mapSubschemas(schema: JsonObject, replace: (subschema: JsonObject) => JsonValue): JsonObject {
  const replaceAny = (value: JsonValue): JsonValue => (isObject(value) ? replace(value) : value);
  return mapMembers(schema, (value, keyword) => {
    if (typeof value !== 'object') return value;
    if (single.has(keyword)) return replaceAny(value);
    if (lists.has(keyword) && isArray(value)) return mapList(value, replaceAny);
    return maps.has(keyword) && isObject(value) ? mapMembers(value, replaceAny) : value;
  });
}

function mapList(list: readonly JsonValue[], replace: (value: JsonValue) => JsonValue): readonly JsonValue[] {
  const mapped = list.map(replace);
  return mapped.every((value, index) => value === list[index]) ? list : mapped;
}

/**
 * The object with each member's value replaced: itself where nothing changes. A copy is built member by member: to overwrite the members of
 * a clone makes V8 throw away what it compiled for objects of that shape.
 */
export function mapMembers(object: JsonObject, replace: (value: JsonValue, name: string) => JsonValue): JsonObject {
  const names = Object.keys(object);
  let draft: JsonDraft | undefined;
  for (const [index, name] of names.entries()) {
    const value = object[name] ?? null;
    const mapped = replace(value, name);
    if (draft === undefined && mapped === value) continue;
    draft ??= copyMembers(object, names.slice(0, index));
    put(draft, name, mapped);
  }
  return draft ?? object;
}

function copyMembers(object: JsonObject, names: readonly string[]): JsonDraft {
  const draft: JsonDraft = {};
  for (const name of names) put(draft, name, object[name] ?? null);
  return draft;
}

const none: ReadonlySet<string> = new Set();

/** Names of the definitions that a schema refers to, in the order in which they stand. */
export function definitionNames(schema: JsonValue): ReadonlySet<string> {
  return collectNames(schema, undefined) ?? none;
}

/** Most schemas refer to nothing, so the set is made for the first name. */
function collectNames(schema: JsonValue, given: Set<string> | undefined): Set<string> | undefined {
  let names = given;
  if (!isObject(schema)) return names;
  for (const keyword in schema) {
    const value = schema[keyword];
    if (keyword === '$ref' && typeof value === 'string') names = (names ?? new Set()).add(nameOfReference(value));
    else if (typeof value !== 'object') continue;
    else if (single.has(keyword)) names = collectNames(value, names);
    else if (lists.has(keyword) && isArray(value)) for (const member of value) names = collectNames(member, names);
    else if (maps.has(keyword) && isObject(value)) for (const member of Object.values(value)) names = collectNames(member, names);
  }
  return names;
}

export const nameOfReference = (reference: string): string => reference.slice('#/$defs/'.length);
