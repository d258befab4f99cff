import { canonicalText, isArray, isObject, isWithinDepth, own, ownArray, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import { escapeToken } from '../document/reference.js';
import type { RepairList } from '../repair.js';
import type { SchemaDefinitions } from '../schema/schema-definitions.js';

/** A body that is one object with named properties: its `$ref` and `allOf` merged. */
export interface PlainObject {
  readonly properties: Map<string, { readonly schemas: readonly JsonValue[]; readonly at: string }>;
  readonly required: Set<string>;
  /** What it says of further properties: absent, or a schema (true: anything). */
  additional?: JsonValue;
}

const beyondPlain = ['oneOf', 'anyOf', 'not', 'if', 'then', 'else', 'enum', 'const', 'items', 'patternProperties', 'dependentSchemas', '$dynamicRef', '$recursiveRef'];

/** The schema as a plain object whose properties may stand as arguments of their own, or undefined when it is more than that. */
export function readPlainObject(definitions: SchemaDefinitions, schema: JsonValue, at: string, repairs: RepairList): PlainObject | undefined {
  const merged: PlainObject = { properties: new Map(), required: new Set() };
  if (!mergeInto(definitions, schema, at, merged, new Set())) return undefined;
  for (const [name, property] of merged.properties) {
    // A boolean `required` on the property itself is a common mistake with a plain meaning.
    if (!property.schemas.some((written) => isObject(written) && own(written, 'required') === true)) continue;
    merged.required.add(name);
    repairs.add('invalid-keyword', `${property.at}/required`, 'A boolean "required" was read as a required property.');
  }
  for (const name of isObject(schema) ? definitions.views.hiddenNames(schema) : []) {
    merged.properties.delete(name);
    merged.required.delete(name);
  }
  return merged.properties.size === 0 && !isEmptyByDeclaration(definitions, schema) ? undefined : merged;
}

/** An object that may have no member at all, as generators write for "no body": there is nothing to ask for. */
function isEmptyByDeclaration(definitions: SchemaDefinitions, schema: JsonValue): boolean {
  const target = definitions.references.follow(schema);
  if (target.kind !== 'found' || !isObject(target.value) || own(target.value, 'type') !== 'object') return false;
  return own(target.value, 'additionalProperties') === false && !Object.hasOwn(target.value, 'allOf');
}

/** Levels of `$ref` and `allOf` that are merged; what joins more is one argument. */
const maxDepth = 64;

function mergeInto(definitions: SchemaDefinitions, schema: JsonValue, at: string, merged: PlainObject, seen: Set<string>, depth = 0): boolean {
  if (!isObject(schema) || depth > maxDepth) return false;
  const reference = ownString(schema, '$ref');
  if (reference !== undefined) {
    const target = definitions.references.resolve(reference);
    if (target.kind !== 'found') return false;
    if (!seen.has(target.pointer)) {
      seen.add(target.pointer);
      if (!mergeInto(definitions, target.value, target.pointer, merged, seen, depth + 1)) return false;
    }
    if (definitions.isVersion30) return true;
  }
  if (beyondPlain.some((keyword) => Object.hasOwn(schema, keyword)) || own(schema, 'nullable') === true) return false;
  const type = own(schema, 'type');
  if (type !== undefined && type !== 'object' && !(isArray(type) && type.length === 1 && type[0] === 'object')) return false;
  addProperties(schema, at, merged);
  const members = ownArray(schema, 'allOf');
  return members.every((member, index) => mergeInto(definitions, member, `${at}/allOf/${index}`, merged, seen, depth + 1));
}

function addProperties(schema: JsonObject, at: string, merged: PlainObject): void {
  for (const [name, property] of Object.entries(ownObject(schema, 'properties') ?? {})) {
    const known = merged.properties.get(name);
    const place = `${at}/properties/${escapeToken(name)}`;
    if (known === undefined) merged.properties.set(name, { schemas: [property], at: place });
    else if (!known.schemas.some((other) => isSame(other, property))) {
      merged.properties.set(name, { schemas: [...known.schemas, property], at: known.at });
    }
  }
  for (const name of ownArray(schema, 'required')) if (typeof name === 'string') merged.required.add(name);
  const additional = own(schema, 'additionalProperties');
  if (additional === true || isObject(additional)) merged.additional ??= additional;
}

function isSame(a: JsonValue, b: JsonValue): boolean {
  return a === b || (isWithinDepth(a, 32) && isWithinDepth(b, 32) && canonicalText(a) === canonicalText(b));
}

/** The first schema of each property that the schema, what it refers to and the branches of its unions name. */
export function collectProperties(definitions: SchemaDefinitions, schema: JsonValue): ReadonlyMap<string, JsonValue> {
  const found = new Map<string, JsonValue>();
  collectInto(definitions, schema, found, new Set(), 0);
  return found;
}

/** What was seen once names nothing new: branches that lead to each other are walked once, not along every way between them. */
function collectInto(definitions: SchemaDefinitions, schema: JsonValue, found: Map<string, JsonValue>, seen: Set<JsonObject>, depth: number): void {
  const target = definitions.references.follow(schema);
  if (target.kind !== 'found' || !isObject(target.value) || depth > maxDepth || seen.has(target.value)) return;
  seen.add(target.value);
  for (const [name, property] of Object.entries(ownObject(target.value, 'properties') ?? {})) if (!found.has(name)) found.set(name, property);
  for (const keyword of ['allOf', 'oneOf', 'anyOf']) {
    for (const member of ownArray(target.value, keyword)) collectInto(definitions, member, found, seen, depth + 1);
  }
}
