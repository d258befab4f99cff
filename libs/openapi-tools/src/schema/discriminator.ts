import { isArray, isObject, own, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { SchemaDefinitions } from './schema-definitions.js';

/** A Discriminator Object (in Swagger 2.0 only the property's name). */
export interface Discriminator {
  readonly property: string;
  /** Values of the property by the pointer of the schema that they stand for. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** 3.2: the schema that is meant by any other value and by none. */
  readonly fallback: string | undefined;
}

export function readDiscriminator(definitions: SchemaDefinitions, schema: JsonObject): Discriminator | undefined {
  const written = own(schema, 'discriminator');
  const property = isObject(written) ? ownString(written, 'propertyName') : typeof written === 'string' ? written : undefined;
  if (property === undefined || property === '') return undefined;
  const names = new Map<string, string[]>();
  for (const [name, reference] of isObject(written) ? Object.entries(ownObject(written, 'mapping') ?? {}) : []) {
    const pointer = typeof reference === 'string' ? pointerOf(definitions, reference) : undefined;
    if (pointer !== undefined) names.set(pointer, [...(names.get(pointer) ?? []), name]);
  }
  const fallback = isObject(written) ? ownString(written, 'defaultMapping') : undefined;
  return { property, names, fallback: fallback === undefined ? undefined : pointerOf(definitions, fallback) };
}

/** A mapping's value is the name of a component or a reference (OAS 3.x, Discriminator Object). */
function pointerOf(definitions: SchemaDefinitions, text: string): string | undefined {
  const references = /^[A-Za-z0-9._-]+$/.test(text) ? [`#${definitions.pointerOfName(text)}`, text] : [text, `#${definitions.pointerOfName(text)}`];
  for (const reference of references) {
    const target = definitions.references.resolve(reference);
    if (target.kind === 'found') return target.pointer;
  }
  return undefined;
}

/**
 * One converted branch of a union with the discriminating property fixed to what names it (openapi.md S09). Left alone where that could
 * refuse what the upstream takes: the default branch, an inline one, one whose property has other values or cannot be sent at all.
 */
export function fixKind(definitions: SchemaDefinitions, discriminator: Discriminator, branch: JsonObject, converted: JsonObject): JsonObject {
  const reference = ownString(branch, '$ref');
  const target = reference === undefined ? undefined : definitions.references.resolve(reference);
  if (target?.kind !== 'found' || !isObject(target.value) || target.pointer === discriminator.fallback) return converted;
  if (!Object.hasOwn(converted, '$ref') || Object.hasOwn(converted, 'properties') || Object.hasOwn(converted, 'required')) return converted;
  const { property } = discriminator;
  const { written, isClosed } = definitions.views.describeProperty(target.value, property);
  if ((written.length === 0 && isClosed) || definitions.views.hiddenNames(target.value).has(property)) return converted;
  const names = discriminator.names.get(target.pointer) ?? [target.pointer.slice(target.pointer.lastIndexOf('/') + 1)];
  const values = names.flatMap((name) => fittingValue(name, written));
  const [only] = values;
  if (only === undefined) return converted;
  return { ...converted, properties: { [property]: values.length === 1 ? { const: only } : { enum: values } }, required: [property] };
}

/** The name as the property's own schemas write it (a number, for one), nothing when they do not allow it. */
function fittingValue(name: string, written: readonly JsonObject[]): readonly JsonValue[] {
  let value: JsonValue = name;
  for (const schema of written) {
    const fixed = own(schema, 'const');
    const allowed = fixed === undefined ? own(schema, 'enum') : [fixed];
    const found: JsonValue | undefined = isArray(allowed) && allowed.length > 0 ? allowed.find((item) => String(item) === name) : allowsText(schema) ? value : undefined;
    if (found === undefined) return [];
    value = found;
  }
  return [value];
}

const allowsText = (schema: JsonObject): boolean => {
  const type = own(schema, 'type');
  return type === undefined || [type].flat().includes('string');
};

/**
 * 3.0's inheritance: children join their parent by `allOf`, the parent has the discriminator. A reference to the parent stays what it is
 * (a union of all children would multiply large models, and the parent admits what they add); its property says which kinds there are.
 */
export function describeKinds(definitions: SchemaDefinitions, discriminator: Discriminator, parent: string): string | undefined {
  const mapped = [...discriminator.names.values()].flat();
  const names = mapped.length > 0 ? mapped : definitions.childrenOf(parent);
  const listed = names.slice(0, 20).join(', ');
  return names.length === 0 ? undefined : `Kinds: ${listed}${names.length > 20 ? ' and others' : ''}.`;
}
