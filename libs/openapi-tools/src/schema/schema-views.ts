import { isObject, own, ownArray, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { ReferenceResolver } from '../document/reference.js';
import { JoinedSchemas, type OwnSummary } from './joined-schemas.js';

/** Requests carry no `readOnly` property, responses no `writeOnly` one (OAS Schema Object). */
export type Direction = 'request' | 'response';

const nothing: readonly string[] = [];
const nobody: ReadonlySet<string> = new Set();

/** Questions about schemas as written, answered through references. */
export class SchemaViews {
  readonly #references: ReferenceResolver;
  readonly #ignoresSiblings: boolean;
  readonly #hiddenBy: 'readOnly' | 'writeOnly';
  /** Names: hidden properties. Marked: closed. */
  readonly #joins = new JoinedSchemas((schema) => this.#directlyJoined(schema), (schema) => this.#describeOwn(schema));
  /** By pointer: what a schema applies to the same instance. Bounded by the document. */
  readonly #targets = { withAllOf: new Map<string, readonly string[]>(), withoutAllOf: new Map<string, readonly string[]>() };

  constructor(references: ReferenceResolver, ignoresSiblings: boolean, direction: Direction) {
    this.#references = references;
    this.#ignoresSiblings = ignoresSiblings;
    this.#hiddenBy = direction === 'request' ? 'readOnly' : 'writeOnly';
  }

  /** Names of the properties of a schema, and of all that it joins by `allOf`, that the direction does not carry. */
  hiddenNames(schema: JsonObject): ReadonlySet<string> {
    if (Object.hasOwn(schema, '$ref') || Object.hasOwn(schema, 'allOf')) return this.#joins.namesOf(schema);
    const names = this.#ownHiddenNames(schema);
    return names.length === 0 ? nobody : new Set(names);
  }

  #ownHiddenNames(schema: JsonObject): readonly string[] {
    const properties = ownObject(schema, 'properties');
    return properties === undefined ? nothing : Object.keys(properties).filter((name) => this.#isFlagged(properties[name], this.#hiddenBy, 0));
  }

  /** Said on the property, on its target or in its `allOf`. */
  #isFlagged(property: JsonValue | undefined, flag: string, hops: number): boolean {
    if (!isObject(property) || hops > 8) return false;
    const reference = ownString(property, '$ref');
    if (own(property, flag) === true && (reference === undefined || !this.#ignoresSiblings)) return true;
    if (reference !== undefined) {
      const target = this.#references.resolve(reference);
      return target.kind === 'found' && this.#isFlagged(target.value, flag, hops + 1);
    }
    return ownArray(property, 'allOf').some((member) => isObject(member) && own(member, flag) === true);
  }

  /** True when a schema, or what it joins by `allOf`, admits no properties that it does not name itself. */
  isClosed(schema: JsonObject): boolean {
    return this.#joins.isMarked(schema);
  }

  /**
   * True when the schema, or a member that applies to the same value, has a reference that leads nowhere (or outside): what that would have
   * evaluated is not known, so nothing may be refused as unevaluated.
   */
  hasLostReference(schema: JsonValue, depth = 0): boolean {
    if (!isObject(schema) || depth > 16) return false;
    const reference = ownString(schema, '$ref') ?? ownString(schema, '$dynamicRef') ?? ownString(schema, '$recursiveRef');
    if (reference !== undefined && this.#references.resolve(reference).kind !== 'found') return true;
    const members = ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) => ownArray(schema, keyword));
    for (const keyword of ['if', 'then', 'else']) members.push(own(schema, keyword) ?? true);
    return members.some((member) => this.hasLostReference(member, depth + 1));
  }

  /** What a schema and all that it joins by `allOf` say of one property, and whether one of them admits no further properties. */
  describeProperty(schema: JsonObject, name: string): { readonly written: readonly JsonObject[]; readonly isClosed: boolean } {
    const written: JsonObject[] = [];
    let isClosed = false;
    for (const part of this.#joined(schema)) {
      if (own(part, 'additionalProperties') === false) isClosed = true;
      const property = own(ownObject(part, 'properties') ?? {}, name);
      const target = property === undefined ? undefined : this.#references.follow(property);
      if (target?.kind === 'found' && isObject(target.value)) written.push(target.value);
    }
    return { written, isClosed };
  }

  /** Names that the schema or what it joins by `allOf` requires. */
  requiredNames(schema: JsonObject): ReadonlySet<string> {
    const parts = this.#joined(schema);
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
      for (const next of this.#targetsOf(pointer, unions === 'with allOf')) seen.add(next);
    }
    return false;
  }

  /** Asked for again and again along a chain of definitions, so each is read once. */
  #targetsOf(pointer: string, withAllOf: boolean): readonly string[] {
    const known = this.#targets[withAllOf ? 'withAllOf' : 'withoutAllOf'];
    const targets = known.get(pointer) ?? this.#readTargets(pointer, withAllOf);
    known.set(pointer, targets);
    return targets;
  }

  #readTargets(pointer: string, withAllOf: boolean): readonly string[] {
    const found = this.#references.resolve(`#${encodePointer(pointer)}`);
    return found.kind === 'found' ? this.#targetsInPlace(found.value, withAllOf, 0) : [];
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

  #isApplied(schema: JsonObject): boolean {
    return !this.#ignoresSiblings || ownString(schema, '$ref') === undefined;
  }

  #describeOwn(schema: JsonObject): OwnSummary {
    if (!this.#isApplied(schema)) return { names: nothing, isMarked: false };
    const isClosed = own(schema, 'additionalProperties') === false || own(schema, 'unevaluatedProperties') === false;
    return { names: this.#ownHiddenNames(schema), isMarked: isClosed };
  }

  #directlyJoined(schema: JsonObject): readonly JsonObject[] {
    const reference = ownString(schema, '$ref');
    const target = reference === undefined ? undefined : this.#references.resolve(reference);
    const targets = target?.kind === 'found' && isObject(target.value) ? [target.value] : [];
    return this.#isApplied(schema) ? [...targets, ...ownArray(schema, 'allOf').filter(isObject)] : targets;
  }

  /** A schema with all that it joins, targets of references before what stands beside them. Without recursion: any depth is safe. */
  #joined(schema: JsonObject): readonly JsonObject[] {
    const parts: JsonObject[] = [];
    const seen = new Set<JsonObject>();
    const pending: { readonly part: JsonObject; readonly isRead: boolean }[] = [{ part: schema, isRead: false }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { part, isRead } = next;
      if (isRead) parts.push(part);
      if (isRead || seen.has(part)) continue;
      seen.add(part);
      const reference = ownString(part, '$ref');
      const target = reference === undefined ? undefined : this.#references.resolve(reference);
      if (this.#isApplied(part)) {
        for (const member of ownArray(part, 'allOf').toReversed()) if (isObject(member)) pending.push({ part: member, isRead: false });
        pending.push({ part, isRead: true });
      }
      if (target?.kind === 'found' && isObject(target.value)) pending.push({ part: target.value, isRead: false });
    }
    return parts;
  }
}

export const encodePointer = (pointer: string): string => encodeURI(pointer).replaceAll('#', '%23');
