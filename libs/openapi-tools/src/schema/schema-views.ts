import { isArray, isObject, own, ownArray, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { ReferenceResolver } from '../document/reference.js';

/** Questions about schemas as written, answered through references. */
export class SchemaViews {
  readonly #references: ReferenceResolver;
  readonly #ignoresSiblings: boolean;

  constructor(references: ReferenceResolver, ignoresSiblings: boolean) {
    this.#references = references;
    this.#ignoresSiblings = ignoresSiblings;
  }

  /** True for a property that may not be sent in a request (OAS `readOnly`), said on it, on its target or in its `allOf`. */
  isReadOnly(property: JsonValue, hops = 0): boolean {
    if (!isObject(property) || hops > 8) return false;
    const reference = ownString(property, '$ref');
    if (own(property, 'readOnly') === true && (reference === undefined || !this.#ignoresSiblings)) return true;
    if (reference !== undefined) {
      const target = this.#references.resolve(reference);
      return target.kind === 'found' && this.isReadOnly(target.value, hops + 1);
    }
    return ownArray(property, 'allOf').some((member) => isObject(member) && own(member, 'readOnly') === true);
  }

  /** Names of the read-only properties of a schema and of all that it joins by `allOf`. */
  readOnlyNames(schema: JsonObject): ReadonlySet<string> {
    const names = new Set<string>();
    for (const part of this.#joined(schema)) {
      for (const [name, property] of Object.entries(ownObject(part, 'properties') ?? {})) {
        if (this.isReadOnly(property)) names.add(name);
      }
    }
    return names;
  }

  /** Names that the schema or what it joins by `allOf` requires. */
  requiredNames(schema: JsonObject): ReadonlySet<string> {
    const parts = [...this.#joined(schema)];
    return new Set(parts.flatMap((part) => ownArray(part, 'required')).filter((name) => typeof name === 'string'));
  }

  /**
   * True when `target` applies `origin` again to the same instance (through `$ref`, `allOf` and, with `unions`, `oneOf` or
   * `anyOf`): such a loop never ends in a validator and says nothing.
   */
  appliesAgain(target: string, origin: string, unions: 'with allOf' | 'without allOf'): boolean {
    const seen = new Set([target]);
    for (const pointer of seen) {
      if (pointer === origin) return true;
      const found = this.#references.resolve(`#${encodePointer(pointer)}`);
      if (found.kind !== 'found') continue;
      for (const next of this.#targetsInPlace(found.value, unions === 'with allOf', 0)) seen.add(next);
    }
    return false;
  }

  #targetsInPlace(schema: JsonValue, withAllOf: boolean, depth: number): readonly string[] {
    if (!isObject(schema) || depth > 16) return [];
    const reference = ownString(schema, '$ref');
    const target = reference === undefined ? undefined : this.#references.resolve(reference);
    const targets = target?.kind === 'found' ? [target.pointer] : [];
    if (reference !== undefined && this.#ignoresSiblings) return targets;
    const members = [...(withAllOf ? ownArray(schema, 'allOf') : []), ...ownArray(schema, 'oneOf'), ...ownArray(schema, 'anyOf')];
    for (const keyword of ['not', 'if', 'then', 'else']) {
      const member = own(schema, keyword);
      if (member !== undefined) members.push(member);
    }
    return [...targets, ...members.flatMap((member) => this.#targetsInPlace(member, withAllOf, depth + 1))];
  }

  *#joined(schema: JsonObject, seen = new Set<JsonObject>()): Iterable<JsonObject> {
    if (seen.has(schema)) return;
    seen.add(schema);
    const reference = ownString(schema, '$ref');
    if (reference !== undefined) {
      const target = this.#references.resolve(reference);
      if (target.kind === 'found' && isObject(target.value)) yield* this.#joined(target.value, seen);
      if (this.#ignoresSiblings) return;
    }
    yield schema;
    const members = own(schema, 'allOf');
    if (!isArray(members)) return;
    for (const member of members) if (isObject(member)) yield* this.#joined(member, seen);
  }
}

export const encodePointer = (pointer: string): string => encodeURI(pointer).replaceAll('#', '%23');
