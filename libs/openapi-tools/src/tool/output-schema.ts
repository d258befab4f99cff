import type { ApiDocument } from '../document/load-document.js';
import { isArray, isObject, isWithinDepth, own, ownObject, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import { essenceOf, isJsonType } from '../media-type.js';
import type { Operation } from '../operation/operation.js';
import { RepairList } from '../repair.js';
import { CheckTooLongError, SchemaChecker } from '../schema/schema-checker.js';
import type { SchemaDefinitions } from '../schema/schema-definitions.js';
import { mapSubschemas, nameOfReference } from '../schema/subschemas.js';
import { writeSchema } from '../schema/written-schema.js';
import { rewriteForProfile } from './apply-profile.js';
import type { ClientProfile } from './client-profile.js';
import { fitSchema } from './fit-schema.js';
import { definitionSource } from './show-schema.js';

/** What a tool says of its structured results. */
export interface OutputContract {
  /** JSON Schema 2020-12, root `type: object`; an answer that is no object stands in `result`, as shapeResult puts it. */
  readonly schema: JsonObject;
  /** True when a client that checks `structuredContent` against the schema takes the value. */
  accepts(value: JsonValue): boolean;
}

/** The contract of an operation's success answer, undefined when it has no JSON schema or none that fits the budget. */
export function readOutput(document: ApiDocument, operation: Operation, profile: ClientProfile, maxBytes: number): OutputContract | undefined {
  const written = successSchema(document, operation);
  if (written === undefined) return undefined;
  const definitions = document.responseDefinitions;
  const { schema: converted } = definitions.convert(written.schema, written.at, new RepairList());
  const rewrite = (schema: JsonObject): JsonObject => rewriteForProfile(relax(schema), profile);
  const root = rootOf(converted, definitions, rewrite);
  const { schema, json } = fitSchema(writeSchema(root), definitionSource(definitions, `output ${profile.name}`, rewrite), maxBytes);
  if (Buffer.byteLength(json) > maxBytes) return undefined;
  const checker = new SchemaChecker((name) => own(ownObject(schema, '$defs') ?? {}, name));
  return { schema, accepts: (value) => isWithinDepth(value, 256) && isAccepted(checker, schema, value) };
}

function isAccepted(checker: SchemaChecker, schema: JsonObject, value: JsonValue): boolean {
  try {
    return checker.accepts(schema, value);
  } catch (error) {
    if (error instanceof CheckTooLongError) return false;
    throw error;
  }
}

/** The lowest 2xx answer with JSON, else the range's, else the default's. */
function successSchema(document: ApiDocument, operation: Operation): { readonly schema: JsonValue; readonly at: string } | undefined {
  const responses = document.view.responses(operation).filter(([status]) => /^(2(\d\d|XX)|default)$/i.test(status));
  const sorted = [...responses].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  for (const [status, { value, at }] of sorted) {
    // A default beside success answers is the error's.
    if (status === 'default' && responses.length > 1) continue;
    const response = document.definitions.references.follow(value);
    const content = response.kind === 'found' && isObject(response.value) ? (ownObject(response.value, 'content') ?? {}) : {};
    const media = Object.entries(content).find(([type]) => isJsonType(essenceOf(type)))?.[1];
    const schema = isObject(media) ? own(media, 'schema') : undefined;
    if (schema !== undefined) return { schema, at: `${at}/content/schema` };
  }
  return undefined;
}

/** Types of a converted schema's values as far as they are certain: all objects, none, or not known. */
function objectness(schema: JsonValue, definitions: SchemaDefinitions, hops: number): 'always' | 'never' | 'unknown' {
  if (!isObject(schema) || hops > 16) return 'unknown';
  const types = [schema['type']].flat().filter((type) => type !== undefined);
  if (types.length > 0) return types.every((type) => type === 'object' || type === 'null') && types.includes('object') ? 'always' : types.includes('object') ? 'unknown' : 'never';
  const reference = schema['$ref'];
  if (typeof reference === 'string') return objectness(definitions.definitionOf(nameOfReference(reference))?.schema ?? true, definitions, hops + 1);
  const joined = isArray(schema['allOf']) ? schema['allOf'].map((member) => objectness(member, definitions, hops + 1)) : [];
  if (joined.includes('always')) return 'always';
  const union = schema['anyOf'] ?? schema['oneOf'];
  const branches = new Set(isArray(union) ? union.map((member) => objectness(member, definitions, hops + 1)) : []);
  const [only] = branches;
  return branches.size === 1 && only !== undefined ? only : 'unknown';
}

function rootOf(converted: JsonObject, definitions: SchemaDefinitions, rewrite: (schema: JsonObject) => JsonObject): JsonObject {
  switch (objectness(converted, definitions, 0)) {
    case 'always': {
      let target = converted;
      for (let hop = 0; hop < 16 && typeof target['$ref'] === 'string'; hop += 1) target = definitions.definitionOf(nameOfReference(target['$ref']))?.schema ?? {};
      return { ...rewrite(target), type: 'object' };
    }
    case 'never':
      return { type: 'object', properties: { result: rewrite(converted) } };
    case 'unknown':
      // It may come as it is or in `result`: anything more would refuse one of them.
      return { type: 'object' };
  }
}

const kept = new Set(['title', 'description', 'deprecated', 'type', 'enum', 'const', 'properties', 'patternProperties', 'additionalProperties', 'items', 'prefixItems', 'allOf', 'anyOf', 'oneOf', '$ref']);

/**
 * Answers leave out what is required, add members, send null and break bounds, and the official client throws for each: what is left of the
 * schema says what members there are and of which type, and null is let in wherever a type or a list of values is named.
 */
function relax(schema: JsonObject): JsonObject {
  const draft: JsonDraft = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (kept.has(keyword) && !(keyword === 'additionalProperties' && value === false)) draft[keyword] = value;
  }
  const { type, enum: values, const: only, oneOf } = draft;
  if (type !== undefined) draft['type'] = admitNull([type].flat());
  if (isArray(values)) draft['enum'] = values.includes(null) ? values : [...values, null];
  if (only !== undefined && only !== null) draft['enum'] = [only, null];
  if (only !== undefined) delete draft['const'];
  if (oneOf !== undefined) {
    // Without `required` several branches fit.
    delete draft['oneOf'];
    draft['anyOf'] ??= oneOf;
  }
  return mapSubschemas(draft, relax);
}

function admitNull(types: readonly JsonValue[]): JsonValue {
  const admitted = [...new Set([...types, 'null'])];
  return admitted.length === 1 ? 'null' : admitted;
}
