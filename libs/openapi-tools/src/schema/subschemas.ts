import { isArray, isObject, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';

/** Where a converted schema has further schemas. */
const single = new Set(['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties']);
const lists = new Set(['prefixItems', 'allOf', 'anyOf', 'oneOf']);
const maps = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs']);

/** The schema with each direct subschema replaced: itself where nothing changes, else a copy; booleans stay as they are. */
export function mapSubschemas(schema: JsonObject, replace: (subschema: JsonObject) => JsonValue): JsonObject {
  let draft: JsonDraft | undefined;
  const replaceAny = (value: JsonValue): JsonValue => (isObject(value) ? replace(value) : value);
  for (const keyword in schema) {
    const value = schema[keyword] ?? null;
    if (typeof value !== 'object') continue;
    let mapped: JsonValue = value;
    if (single.has(keyword)) mapped = replaceAny(value);
    else if (lists.has(keyword) && isArray(value)) mapped = mapList(value, replaceAny);
    else if (maps.has(keyword) && isObject(value)) mapped = mapMembers(value, replaceAny);
    if (mapped === value) continue;
    draft ??= { ...schema };
    draft[keyword] = mapped;
  }
  return draft ?? schema;
}

function mapList(list: readonly JsonValue[], replace: (value: JsonValue) => JsonValue): readonly JsonValue[] {
  const mapped = list.map(replace);
  return mapped.every((value, index) => value === list[index]) ? list : mapped;
}

/** The object with each member's value replaced: itself where nothing changes. */
export function mapMembers(object: JsonObject, replace: (value: JsonValue, name: string) => JsonValue): JsonObject {
  let draft: JsonDraft | undefined;
  for (const [name, value] of Object.entries(object)) {
    const mapped = replace(value, name);
    if (mapped === value) continue;
    draft ??= { ...object };
    put(draft, name, mapped);
  }
  return draft ?? object;
}

/** Names of the definitions that a schema refers to, in the order in which they stand. */
export function definitionNames(schema: JsonValue, names = new Set<string>()): ReadonlySet<string> {
  if (!isObject(schema)) return names;
  for (const keyword in schema) {
    const value = schema[keyword];
    if (keyword === '$ref' && typeof value === 'string') names.add(nameOfReference(value));
    else if (typeof value !== 'object') continue;
    else if (single.has(keyword)) definitionNames(value, names);
    else if (lists.has(keyword) && isArray(value)) for (const member of value) definitionNames(member, names);
    else if (maps.has(keyword) && isObject(value)) for (const member of Object.values(value)) definitionNames(member, names);
  }
  return names;
}

export const nameOfReference = (reference: string): string => reference.slice('#/$defs/'.length);
