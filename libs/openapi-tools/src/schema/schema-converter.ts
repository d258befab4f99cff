import { isArray, isObject, own, ownArray, ownObject, ownString, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import { escapeToken } from '../document/reference.js';
import type { RepairList } from '../repair.js';
import type { DefinitionUse, SchemaDefinitions } from './schema-definitions.js';
import { groups, groupsOf, keywords30, keywords31, type KeywordKind } from './schema-keywords.js';
import { admitNull, convertBounds, keepKeys, openClosed } from './converted-parts.js';
import { describeKinds, fixKind, readDiscriminator, type Discriminator } from './discriminator.js';
import { cleanText, reportInvisible } from './invisible-text.js';
import { readDependents, isOfType, readCount, readEnum, readLiteral, readNumber, readPattern, readTypes } from './schema-values.js';
import { encodePointer } from './schema-views.js';

/** Set while a schema still applies to the definition's own value: then a reference back would never end. */
type InPlace = 'with allOf' | 'without allOf' | undefined;
/** What the `allOf` around a schema says of it. */
export interface Joined {
  /** Names that the direction does not carry. */
  readonly hidden: ReadonlySet<string>;
  /** Others add properties, so it must not refuse what it does not name (S10). */
  readonly isOpen: boolean;
}
/** What surrounds a keyword. */
interface Around {
  readonly joined: Joined;
  readonly depth: number;
  readonly inPlace: InPlace;
  readonly discriminator: Discriminator | undefined;
}
const maxDepth = 64;
/** Members of a union that a validator is asked to try; 10,000 took it seconds to compile. */
const maxMembers = 300;
const unused: readonly DefinitionUse[] = [];
const nobody: ReadonlySet<string> = new Set();
const alone: Joined = { hidden: nobody, isOpen: false };
/** What a reference that was cut out of a cycle leaves behind. */
const cut: JsonObject = Object.freeze({});
const nothing = (): JsonObject => ({ not: {} });

function joinedBy(schema: JsonObject, hidden: ReadonlySet<string>, isOpen: boolean): Joined {
  return { hidden, isOpen: isOpen || ownArray(schema, 'allOf').length > 1 || Object.hasOwn(schema, 'properties') };
}

/** A branch that accepts everything (its reference was refused) would make `oneOf` fail for every other branch; so does a discriminator's default. */
function isOpenUnion(members: JsonValue, discriminator: Discriminator | undefined): boolean {
  if (!isArray(members) || members.length < 2) return false;
  return discriminator?.fallback !== undefined || members.some((member) => isObject(member) && Object.keys(member).length === 0);
}

/** Converts the schema of one definition (or of one place in an operation) and notes which other definitions it uses. */
export class SchemaConverter {
  #uses: Map<string, DefinitionUse> | undefined;

  constructor(
    private readonly definitions: SchemaDefinitions,
    private readonly repairs: RepairList,
    private readonly scope: string,
  ) {}

  get uses(): readonly DefinitionUse[] {
    return this.#uses === undefined ? unused : [...this.#uses.values()];
  }

  /** Converts the target of a reference, which is known to exist. */
  convertTarget(pointer: string, joined: Joined): JsonObject {
    const target = this.definitions.references.resolve(`#${encodePointer(pointer)}`);
    return target.kind === 'found' ? this.convert(target.value, pointer, joined, 0, 'without allOf') : {};
  }

  /** `inPlace`: set while the instance is still the definition's own. */
  convert(
    schema: JsonValue,
    at: string,
    joined = alone,
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
    const found = groupsOf(schema);
    const reference = (found & groups.reference) === 0 ? undefined : this.#referenceOf(schema, at, joined, inPlace);
    if (reference === undefined) return this.#convertKeywords(schema, found, at, joined, depth, inPlace);
    if (reference === cut && (this.definitions.isVersion30 || Object.keys(schema).length === 1)) return cut;
    if (this.definitions.isVersion30) {
      // 3.0: siblings of `$ref` are ignored; a description is harmless and helps the model.
      const description = ownString(schema, 'description');
      return description === undefined ? reference : { ...reference, description: cleanText(description, `${at}/description`, this.repairs) };
    }
    return { ...this.#convertKeywords(schema, found, at, joined, depth, inPlace), ...reference };
  }

  #referenceOf(
    schema: JsonObject,
    at: string,
    { hidden, isOpen }: Joined,
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
    const { views } = this.definitions;
    const required = hidden.size === 0 || !isObject(target.value) ? nobody : views.requiredNames(target.value);
    const isOpened = isOpen && isObject(target.value) && views.isClosed(target.value);
    const use: DefinitionUse = { pointer: target.pointer, hidden: [...hidden].filter((name) => required.has(name)).sort(), isOpen: isOpened };
    const name = this.definitions.nameOf(use);
    this.#uses ??= new Map();
    this.#uses.set(name, use);
    return { $ref: `#/$defs/${name}` };
  }

  /** `found`: what {@link groupsOf} says of the schema. */
  #convertKeywords(
    schema: JsonObject,
    found: number,
    at: string,
    around: Joined,
    depth: number,
    inPlace: InPlace,
  ): JsonObject {
    const draft: JsonDraft = {};
    const types = (found & groups.type) === 0 ? undefined : readTypes(own(schema, 'type'), `${at}/type`, this.repairs);
    if (types !== undefined) draft['type'] = types.length === 1 ? (types[0] ?? 'null') : types;
    const unsent = (found & groups.members) === 0 ? nobody : this.definitions.views.hiddenNames(schema);
    const hidden = unsent.size === 0 ? around.hidden : new Set([...unsent, ...around.hidden]);
    const discriminator = (found & groups.discriminator) === 0 ? undefined : readDiscriminator(this.definitions, schema);
    const joined = (found & groups.members) === 0 ? around : joinedBy(schema, hidden, around.isOpen);
    this.#convertEach(schema, at, draft, { joined, depth: depth + 1, inPlace, discriminator });
    if ((found & groups.unevaluated) !== 0 && this.definitions.views.hasLostReference(schema)) for (const keyword of ['unevaluatedProperties', 'unevaluatedItems']) delete draft[keyword];
    if ((found & groups.closed) !== 0) openClosed(draft, around.isOpen);
    if ((found & groups.exclusive) !== 0) convertBounds(schema, at, draft, this.repairs);
    if ((found & (groups.members | groups.required)) !== 0) this.#convertObject(schema, at, draft, hidden, depth);
    if ((found & groups.items) !== 0 || types?.includes('array') === true) this.#convertItems(schema, at, draft, depth);
    if (discriminator !== undefined && at === this.scope && !Object.hasOwn(draft, 'oneOf') && !Object.hasOwn(draft, 'anyOf')) this.#describeKinds(discriminator, draft);
    const isNullable = (found & groups.nullable) !== 0 && this.#isNullable(schema);
    if ((found & groups.values) !== 0) this.#convertValues(schema, at, draft, types, isNullable);
    return isNullable ? admitNull(draft, types) : draft;
  }

  #convertEach(schema: JsonObject, at: string, draft: JsonDraft, around: Around): void {
    const kinds = this.definitions.isVersion30 ? keywords30 : keywords31;
    for (const keyword of Object.keys(schema)) {
      const kind = kinds.get(keyword);
      if (kind === undefined) continue;
      const converted = this.#convertKeyword(kind, keyword, schema[keyword] ?? null, `${at}/${keyword}`, around);
      if (converted === undefined) continue;
      draft[keyword === 'oneOf' && isOpenUnion(converted, around.discriminator) && !Object.hasOwn(schema, 'anyOf') ? 'anyOf' : keyword] = converted;
    }
  }

  #isNullable(schema: JsonObject): boolean {
    return this.definitions.isVersion30 && (own(schema, 'nullable') === true || own(schema, 'x-nullable') === true);
  }

  #describeKinds(discriminator: Discriminator, draft: JsonDraft): void {
    const properties = draft['properties'];
    const property = isObject(properties) ? own(properties, discriminator.property) : undefined;
    const kinds = isObject(property) && !Object.hasOwn(property, '$ref') && !Object.hasOwn(property, 'enum') ? describeKinds(this.definitions, discriminator, this.scope) : undefined;
    if (kinds === undefined || !isObject(properties) || !isObject(property)) return;
    const described: JsonDraft = { ...properties };
    put(described, discriminator.property, { ...property, description: [ownString(property, 'description'), kinds].filter((text) => text !== undefined).join(' ') });
    draft['properties'] = described;
  }

  #convertKeyword(kind: KeywordKind, keyword: string, value: JsonValue, at: string, around: Around): JsonValue | undefined {
    const { depth, inPlace } = around;
    switch (kind) {
      case 'text':
        return typeof value === 'string' ? cleanText(value, at, this.repairs) : undefined;
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
        return readDependents(value);
      case 'schema':
        return this.#convertMember(keyword, value, at, depth, inPlace);
      case 'list':
        return this.#convertList(keyword, value, at, around);
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
    return this.convert(value, at, alone, depth, appliesInPlace ? inPlace : undefined);
  }

  #convertList(keyword: string, value: JsonValue, at: string, { joined, depth, inPlace, discriminator }: Around): JsonValue | undefined {
    const joins = keyword === 'allOf';
    const kinds = joins || keyword === 'prefixItems' ? undefined : discriminator;
    const around = keyword === 'prefixItems' || inPlace === undefined ? undefined : joins ? 'with allOf' : inPlace;
    const given = isArray(value) ? value : [];
    const members = given
      .slice(0, maxMembers + 1)
      .filter((member) => isObject(member) || typeof member === 'boolean')
      .map((member, index) => {
        const converted = this.convert(member, `${at}/${index}`, joins ? joined : alone, depth, around);
        return kinds === undefined || !isObject(member) ? converted : fixKind(this.definitions, kinds, member, converted);
      })
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
    const names = Object.keys(value);
    for (const name of names) reportInvisible(name, at, this.repairs);
    for (const name of names) put(draft, name, this.convert(value[name] ?? null, `${at}/${escapeToken(name)}`, alone, depth));
    return draft;
  }

  #convertObject(schema: JsonObject, at: string, draft: JsonDraft, hidden: ReadonlySet<string>, depth: number): void {
    const properties = ownObject(schema, 'properties');
    const said = ownArray(schema, 'required');
    if (properties === undefined && said.length === 0) return;
    const required = new Set(said.filter((name) => typeof name === 'string'));
    if (properties !== undefined) {
      const visible = hidden.size === 0 ? properties : keepKeys(properties, (name) => !hidden.has(name));
      draft['properties'] = this.#convertMap(visible, `${at}/properties`, depth + 1);
      for (const name of Object.keys(visible)) {
        const property = visible[name];
        if (!isObject(property) || own(property, 'required') !== true) continue;
        required.add(name);
        this.repairs.add('invalid-keyword', `${at}/properties/${escapeToken(name)}/required`, 'A boolean "required" was read as a required property.');
      }
    }
    const names = [...required].filter((name) => !hidden.has(name));
    if (names.length > 0) draft['required'] = names;
  }

  /** Of a schema that has items, or is an array. */
  #convertItems(schema: JsonObject, at: string, draft: JsonDraft, depth: number): void {
    const items = own(schema, 'items');
    if (isObject(items) || typeof items === 'boolean') {
      draft['items'] = this.convert(items, `${at}/items`, alone, depth + 1);
      return;
    }
    draft['items'] = {};
    if (items !== undefined || this.definitions.isVersion30) {
      this.repairs.add('missing-items', at, 'The array has no usable "items"; any item is accepted.');
    }
  }

  #convertValues(schema: JsonObject, at: string, draft: JsonDraft, types: readonly string[] | undefined, isNullable: boolean): void {
    const admitted = isNullable && types !== undefined ? [...types, 'null'] : types;
    const values = own(schema, 'enum');
    const allowed = values === undefined ? undefined : readEnum(values, admitted, `${at}/enum`, this.repairs);
    if (allowed !== undefined) draft['enum'] = allowed;
    for (const value of allowed ?? []) if (typeof value === 'string') reportInvisible(value, at, this.repairs);
    const only = own(schema, 'const');
    if (typeof only === 'string') reportInvisible(only, at, this.repairs);
    const fallback = own(schema, 'default');
    if (fallback === undefined || readLiteral(fallback) === undefined) return;
    if (typeof fallback === 'string') reportInvisible(fallback, at, this.repairs);
    const fits = (admitted === undefined || isOfType(fallback, admitted)) && (fallback === null ? (admitted?.includes('null') ?? true) : this.definitions.literals.accepts(draft, fallback));
    if (fits) draft['default'] = fallback;
  }
}
