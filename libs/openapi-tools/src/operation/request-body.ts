import { canonicalText, isArray, isObject, isWithinDepth, own, ownArray, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { ApiDocument } from '../document/load-document.js';
import type { OperationSource } from '../document/version-view.js';
import { essenceOf, isJsonType, isWildcard } from '../media-type.js';
import { escapeToken } from '../document/reference.js';
import type { RepairList } from '../repair.js';
import type { SchemaDefinitions } from '../schema/schema-definitions.js';

/** The body that an operation is given: one media type of those it accepts, which today is a JSON one. */
export interface RequestBody {
  readonly mediaType: string;
  readonly required: boolean;
  readonly schema: JsonValue;
  readonly description?: string;
  readonly at: string;
}

/** Why an operation cannot be called because of its body, or undefined. */
export function bodyProblem(document: ApiDocument, operation: OperationSource): string | undefined {
  const body = document.definitions.references.follow(document.view.requestBody(operation)?.value);
  if (body.kind !== 'found' || !isObject(body.value) || own(body.value, 'required') !== true) return undefined;
  const types = Object.keys(ownObject(body.value, 'content') ?? {});
  if (types.length === 0 || types.some((type) => rankOf(type) !== undefined)) return undefined;
  return `The required request body has no JSON media type (it has ${types.slice(0, 5).join(', ')}), which is not supported yet.`;
}

/** The operation's body, or undefined when it has none that can be sent. */
export function readRequestBody(document: ApiDocument, operation: OperationSource, repairs: RepairList): RequestBody | undefined {
  const written = document.view.requestBody(operation);
  if (written === undefined) return undefined;
  const { at } = written;
  const body = document.definitions.references.follow(written.value);
  if (body.kind !== 'found') {
    const where = body.kind === 'external' ? 'leads outside the document and was not fetched' : 'names nothing in the document';
    repairs.add(body.kind === 'external' ? 'external-ref' : 'dangling-ref', at, `The request body is a reference that ${where}; any JSON is accepted.`);
    return { mediaType: 'application/json', required: false, schema: {}, at };
  }
  const content = isObject(body.value) ? ownObject(body.value, 'content') : undefined;
  if (!isObject(body.value) || content === undefined) {
    repairs.add('invalid-body', at, 'The request body has no content; it was dropped.');
    return undefined;
  }
  const chosen = chooseMediaType(Object.keys(content));
  if (chosen === undefined) {
    if (Object.keys(content).length > 0) repairs.add('unsupported-body', at, 'The optional request body has no JSON media type; it cannot be sent yet.');
    return undefined;
  }
  const place = body.pointer === '' ? at : body.pointer;
  const media = document.definitions.references.follow(own(content, chosen));
  const description = ownString(body.value, 'description');
  return {
    mediaType: isWildcard(essenceOf(chosen)) ? 'application/json' : chosen.trim(),
    required: own(body.value, 'required') === true,
    schema: (media.kind === 'found' && isObject(media.value) ? own(media.value, 'schema') : undefined) ?? {},
    ...(description === undefined ? {} : { description }),
    at: `${place}/content/${escapeToken(chosen)}/schema`,
  };
}

/** JSON, then merge patch (it takes the resource's own shape), then other `+json`, then a range that admits JSON. */
function rankOf(mediaType: string): number | undefined {
  const essence = essenceOf(mediaType);
  // A header value with anything but printable ASCII could not be sent.
  if (!/^[\x20-\x7e]+$/.test(mediaType)) return undefined;
  if (essence === 'application/json') return 0;
  if (essence === 'application/merge-patch+json') return 1;
  if (isJsonType(essence)) return essence === 'application/json-patch+json' ? 3 : 2;
  return isWildcard(essence) ? 4 : undefined;
}

function chooseMediaType(types: readonly string[]): string | undefined {
  const ranked = types.flatMap((type) => {
    const rank = rankOf(type);
    return rank === undefined ? [] : [{ type, rank }];
  });
  return ranked.sort((a, b) => a.rank - b.rank)[0]?.type;
}

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
  const readOnly = isObject(schema) ? definitions.views.readOnlyNames(schema) : new Set<string>();
  for (const name of readOnly) {
    merged.properties.delete(name);
    merged.required.delete(name);
  }
  return merged.properties.size === 0 ? undefined : merged;
}

function mergeInto(definitions: SchemaDefinitions, schema: JsonValue, at: string, merged: PlainObject, seen: Set<string>): boolean {
  if (!isObject(schema)) return false;
  const reference = ownString(schema, '$ref');
  if (reference !== undefined) {
    const target = definitions.references.resolve(reference);
    if (target.kind !== 'found') return false;
    if (!seen.has(target.pointer)) {
      seen.add(target.pointer);
      if (!mergeInto(definitions, target.value, target.pointer, merged, seen)) return false;
    }
    if (definitions.isVersion30) return true;
  }
  if (beyondPlain.some((keyword) => Object.hasOwn(schema, keyword)) || own(schema, 'nullable') === true) return false;
  const type = own(schema, 'type');
  if (type !== undefined && type !== 'object' && !(isArray(type) && type.length === 1 && type[0] === 'object')) return false;
  addProperties(schema, at, merged);
  const members = ownArray(schema, 'allOf');
  return members.every((member, index) => mergeInto(definitions, member, `${at}/allOf/${index}`, merged, seen));
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
