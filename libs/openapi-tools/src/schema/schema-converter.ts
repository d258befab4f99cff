import { isArray, isObject, own, ownArray, ownObject, ownString, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import { escapeToken } from '../document/reference.js';
import type { RepairList } from '../repair.js';
import type { DefinitionUse, SchemaDefinitions } from './schema-definitions.js';
import { keywords30, keywords31, type KeywordKind } from './schema-keywords.js';
import { isOfType, readCount, readEnum, readLiteral, readNumber, readPattern, readTypes } from './schema-values.js';
import { encodePointer } from './schema-views.js';

/** Set while a schema still applies to the definition's own value: then a reference back would never end. */
type InPlace = 'with allOf' | 'without allOf' | undefined;
const maxDepth = 64;
/** Members of a union that a validator is asked to try; 10,000 took it seconds to compile. */
const maxMembers = 300;
const nobody: ReadonlySet<string> = new Set();
/** What a reference that was cut out of a cycle leaves behind. */
const cut: JsonObject = Object.freeze({});
const nothing = (): JsonObject => ({ not: {} });

/** Converts the schema of one definition (or of one place in an operation) and notes which other definitions it uses. */
export class SchemaConverter {
  readonly #uses = new Map<string, DefinitionUse>();

  constructor(
    private readonly definitions: SchemaDefinitions,
    private readonly repairs: RepairList,
    private readonly scope: string,
  ) {}

  get uses(): readonly DefinitionUse[] {
    return [...this.#uses.values()];
  }

  /** Converts the target of a reference, which is known to exist. */
  convertTarget(pointer: string, hidden: ReadonlySet<string>): JsonObject {
    const target = this.definitions.references.resolve(`#${encodePointer(pointer)}`);
    return target.kind === 'found' ? this.convert(target.value, pointer, hidden, 0, 'without allOf') : {};
  }

  /** `hidden`: names that are read-only in the `allOf` around this schema. `inPlace`: set while the instance is still the definition's own. */
  convert(
    schema: JsonValue,
    at: string,
    hidden = nobody,
    depth = 0,
    inPlace: InPlace = undefined,
  ): JsonObject {
    if (typeof schema === 'boolean') return schema ? {} : nothing();
    if (!isObject(schema)) {
      this.repairs.add('invalid-schema', at, 'The schema is not an object; any value is accepted.');
      return {};
    }
    if (depth > maxDepth) {
      this.repairs.add('too-deep', at, `The schema is nested deeper than ${maxDepth} levels; any value is accepted below.`);
      return {};
    }
    const reference = this.#referenceOf(schema, at, hidden, inPlace);
    if (reference === undefined) return this.#convertKeywords(schema, at, hidden, depth, inPlace);
    if (reference === cut && (this.definitions.isVersion30 || Object.keys(schema).length === 1)) return cut;
    if (this.definitions.isVersion30) {
      // 3.0: siblings of `$ref` are ignored; a description is harmless and helps the model.
      const description = ownString(schema, 'description');
      return description === undefined ? reference : { ...reference, description };
    }
    return { ...this.#convertKeywords(schema, at, hidden, depth, inPlace), ...reference };
  }

  #referenceOf(
    schema: JsonObject,
    at: string,
    hidden: ReadonlySet<string>,
    inPlace: InPlace,
  ): JsonObject | undefined {
    const text = ownString(schema, '$ref') ?? ownString(schema, '$dynamicRef') ?? ownString(schema, '$recursiveRef');
    if (text === undefined) return undefined;
    const target = this.definitions.references.resolve(text, this.scope);
    if (target.kind === 'external') {
      this.repairs.add('external-ref', at, `The reference ${JSON.stringify(text.slice(0, 200))} leads outside the document and was not fetched; any value is accepted.`);
      return {};
    }
    if (target.kind === 'dangling') {
      this.repairs.add('dangling-ref', at, `The reference ${JSON.stringify(text.slice(0, 200))} names nothing in the document; any value is accepted.`);
      return {};
    }
    if (inPlace !== undefined && this.definitions.views.appliesAgain(target.pointer, this.scope, inPlace)) {
      this.repairs.add('reference-cycle', at, 'The schema refers to itself for the same value; the reference was dropped.');
      return cut;
    }
    const required = hidden.size === 0 || !isObject(target.value) ? nobody : this.definitions.views.requiredNames(target.value);
    const use: DefinitionUse = { pointer: target.pointer, hidden: [...hidden].filter((name) => required.has(name)).sort() };
    const name = this.definitions.nameOf(use);
    this.#uses.set(name, use);
    return { $ref: `#/$defs/${name}` };
  }

  #convertKeywords(
    schema: JsonObject,
    at: string,
    hiddenAround: ReadonlySet<string>,
    depth: number,
    inPlace: InPlace,
  ): JsonObject {
    const draft: JsonDraft = {};
    const { isVersion30, views } = this.definitions;
    const types = readTypes(own(schema, 'type'), `${at}/type`, this.repairs);
    if (types !== undefined) draft['type'] = types.length === 1 ? (types[0] ?? 'null') : types;
    const hasMembers = Object.hasOwn(schema, 'properties') || Object.hasOwn(schema, 'allOf');
    const readOnly = hasMembers ? views.readOnlyNames(schema) : nobody;
    const hidden = readOnly.size === 0 ? hiddenAround : new Set([...readOnly, ...hiddenAround]);
    for (const [keyword, value] of Object.entries(schema)) {
      const kinds = isVersion30 ? keywords30 : keywords31;
      const kind = Object.hasOwn(kinds, keyword) ? kinds[keyword] : undefined;
      if (kind === undefined) continue;
      const place = `${at}/${keyword}`;
      const converted = this.#convertKeyword(kind, keyword, value, place, hidden, depth + 1, inPlace);
      if (converted === undefined) continue;
      // A branch that accepts everything (its reference was refused) would make `oneOf` fail for every other branch.
      const isOpen = keyword === 'oneOf' && isArray(converted) && converted.length > 1 && converted.some((member) => isObject(member) && Object.keys(member).length === 0);
      draft[isOpen && !Object.hasOwn(schema, 'anyOf') ? 'anyOf' : keyword] = converted;
    }
    this.#convertBounds(schema, at, draft);
    this.#convertObject(schema, at, draft, hidden, depth);
    this.#convertItems(schema, at, draft, types, depth);
    this.#convertValues(schema, at, draft, types);
    return isVersion30 && own(schema, 'nullable') === true ? admitNull(draft, types) : draft;
  }

  #convertKeyword(
    kind: KeywordKind,
    keyword: string,
    value: JsonValue,
    at: string,
    hidden: ReadonlySet<string>,
    depth: number,
    inPlace: InPlace,
  ): JsonValue | undefined {
    switch (kind) {
      case 'text':
        return typeof value === 'string' ? value : undefined;
      case 'flag':
        return value === true ? true : undefined;
      case 'number': {
        const number = readNumber(value, keyword, at, this.repairs);
        return keyword === 'multipleOf' && number !== undefined && number <= 0 ? undefined : number;
      }
      case 'count':
        return readCount(value, keyword, at, this.repairs);
      case 'pattern':
        return readPattern(value, at, this.repairs);
      case 'literal':
        return readLiteral(value);
      case 'names':
        return isObject(value) && Object.values(value).every((names) => isArray(names) && names.every((name) => typeof name === 'string')) ? value : undefined;
      case 'schema':
        return this.#convertMember(keyword, value, at, depth, inPlace);
      case 'list':
        return this.#convertList(keyword, value, at, hidden, depth, inPlace);
      case 'map':
        return isObject(value) ? this.#convertMap(value, at, depth) : undefined;
      case 'patternMap':
        return isObject(value) ? this.#convertMap(keepKeys(value, (key) => readPattern(key, at, this.repairs) !== undefined), at, depth) : undefined;
    }
  }

  #convertMember(keyword: string, value: JsonValue, at: string, depth: number, inPlace: InPlace): JsonValue | undefined {
    if (typeof value === 'boolean' && keyword.endsWith('Properties')) return value;
    if (!isObject(value) && typeof value !== 'boolean') {
      this.repairs.add('invalid-schema', at, `"${keyword}" is not a schema; it was ignored.`);
      return undefined;
    }
    const appliesInPlace = keyword === 'not' || keyword === 'if' || keyword === 'then' || keyword === 'else';
    return this.convert(value, at, nobody, depth, appliesInPlace ? inPlace : undefined);
  }

  #convertList(
    keyword: string,
    value: JsonValue,
    at: string,
    hidden: ReadonlySet<string>,
    depth: number,
    inPlace: InPlace,
  ): JsonValue | undefined {
    const joins = keyword === 'allOf';
    const around = keyword === 'prefixItems' || inPlace === undefined ? undefined : joins ? 'with allOf' : inPlace;
    const given = isArray(value) ? value : [];
    const members = given
      .slice(0, maxMembers + 1)
      .filter((member) => isObject(member) || typeof member === 'boolean')
      .map((member, index) => this.convert(member, `${at}/${index}`, joins ? hidden : nobody, depth, around))
      .filter((member) => member !== cut);
    if (members.length > maxMembers && keyword !== 'prefixItems') {
      this.repairs.add('too-many-members', at, `"${keyword}" has more than ${maxMembers} members; it was dropped.`);
      return undefined;
    }
    if (members.length > 0) return members;
    this.repairs.add('invalid-keyword', at, `"${keyword}" has no usable member; it was dropped.`);
    return undefined;
  }

  #convertMap(value: JsonObject, at: string, depth: number): JsonObject {
    const draft: JsonDraft = {};
    for (const [name, member] of Object.entries(value)) put(draft, name, this.convert(member, `${at}/${escapeToken(name)}`, nobody, depth));
    return draft;
  }

  /** 3.0 has boolean `exclusiveMinimum` beside `minimum`; JSON Schema has the number itself (S02). */
  #convertBounds(schema: JsonObject, at: string, draft: JsonDraft): void {
    for (const [exclusive, inclusive] of [['exclusiveMinimum', 'minimum'], ['exclusiveMaximum', 'maximum']] as const) {
      const value = own(schema, exclusive);
      if (value === undefined || value === false) continue;
      const bound = value === true ? draft[inclusive] : readNumber(value, exclusive, `${at}/${exclusive}`, this.repairs);
      if (bound === undefined) continue;
      draft[exclusive] = bound;
      if (value === true) delete draft[inclusive];
    }
  }

  #convertObject(schema: JsonObject, at: string, draft: JsonDraft, hidden: ReadonlySet<string>, depth: number): void {
    const properties = ownObject(schema, 'properties');
    const required = new Set(ownArray(schema, 'required').filter((name) => typeof name === 'string'));
    if (properties !== undefined) {
      const visible = keepKeys(properties, (name) => !hidden.has(name));
      draft['properties'] = this.#convertMap(visible, `${at}/properties`, depth + 1);
      for (const [name, property] of Object.entries(visible)) {
        if (!isObject(property) || own(property, 'required') !== true) continue;
        required.add(name);
        this.repairs.add('invalid-keyword', `${at}/properties/${escapeToken(name)}/required`, 'A boolean "required" was read as a required property.');
      }
    }
    const names = [...required].filter((name) => !hidden.has(name));
    if (names.length > 0) draft['required'] = names;
  }

  #convertItems(schema: JsonObject, at: string, draft: JsonDraft, types: readonly string[] | undefined, depth: number): void {
    const items = own(schema, 'items');
    if (isObject(items) || typeof items === 'boolean') {
      draft['items'] = this.convert(items, `${at}/items`, nobody, depth + 1);
    } else if (items !== undefined || types?.includes('array') === true) {
      draft['items'] = {};
      if (items !== undefined || this.definitions.isVersion30) {
        this.repairs.add('missing-items', at, 'The array has no usable "items"; any item is accepted.');
      }
    }
  }

  #convertValues(schema: JsonObject, at: string, draft: JsonDraft, types: readonly string[] | undefined): void {
    const nullable = this.definitions.isVersion30 && own(schema, 'nullable') === true;
    const admitted = nullable && types !== undefined ? [...types, 'null'] : types;
    const values = own(schema, 'enum');
    const allowed = values === undefined ? undefined : readEnum(values, admitted, `${at}/enum`, this.repairs);
    if (allowed !== undefined) draft['enum'] = allowed;
    const fallback = own(schema, 'default');
    if (fallback !== undefined && readLiteral(fallback) !== undefined && (admitted === undefined || isOfType(fallback, admitted))) {
      draft['default'] = fallback;
    }
  }
}

/**
 * OAS 3.0 `nullable`: adds null to the `type` beside it (3.0.3); a composition without a type is taken as meant to be nullable.
 * Without either it has no effect, and an `enum` still has to list null itself.
 */
function admitNull(draft: JsonDraft, types: readonly string[] | undefined): JsonObject {
  if (types !== undefined) return { ...draft, type: types.includes('null') ? types : [...types, 'null'] };
  const composed = ['allOf', 'anyOf', 'oneOf'].some((keyword) => Object.hasOwn(draft, keyword));
  return composed ? { anyOf: [draft, { type: 'null' }] } : draft;
}

function keepKeys(object: JsonObject, keep: (key: string) => boolean): JsonObject {
  const draft: JsonDraft = {};
  for (const [key, value] of Object.entries(object)) if (keep(key)) put(draft, key, value);
  return draft;
}
