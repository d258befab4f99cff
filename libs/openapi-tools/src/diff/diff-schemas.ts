import { canonicalText, isArray, isObject, own, ownArray, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';

/** What changed between two schemas for those who give values: `narrowed` refuses values that were taken, `changed` does not. */
export interface SchemaChanges {
  readonly narrowed: string[];
  readonly changed: string[];
  /** Titles, descriptions and other texts. */
  readonly texts: string[];
}

type SchemaSide = { readonly schema: JsonValue; readonly defs: JsonObject };

const lowerBounds = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains'];
const upperBounds = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains'];
/** Adding or changing one of these may refuse what was taken. */
const opaque = ['pattern', 'multipleOf', 'uniqueItems', 'not', 'if', 'then', 'else', 'contains', 'propertyNames', 'patternProperties', 'dependentSchemas', 'dependentRequired', 'unevaluatedProperties', 'unevaluatedItems'];
const harmless = ['format', 'default', 'contentEncoding', 'contentMediaType'];
const texts = ['title', 'description', 'deprecated', 'examples'];
const allTypes = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];
const maxDepth = 512;

/**
 * Compares two converted schemas (JSON Schema 2020-12; every `$ref` is `#/$defs/…`, followed in the `$defs` given) and adds what
 * changed to `changes`; `label` names the place. Each pair of definitions is compared once, so cycles end.
 */
export class SchemaDiff {
  readonly #before: JsonObject;
  readonly #after: JsonObject;
  readonly #changes: SchemaChanges;
  readonly #compared = new Set<string>();

  constructor(beforeDefs: JsonObject, afterDefs: JsonObject, changes: SchemaChanges) {
    this.#before = beforeDefs;
    this.#after = afterDefs;
    this.#changes = changes;
  }

  compare(before: JsonValue, after: JsonValue, label: string, depth = 0): void {
    if (typeof before === 'boolean' && before === after) return;
    const a = follow({ schema: before, defs: this.#before });
    const b = follow({ schema: after, defs: this.#after });
    this.#compareKeywords(a.beside, b.beside, texts, this.#changes.texts, label);
    if (a.name !== '' && b.name !== '') {
      const pair = `${a.name}\n${b.name}`;
      if (this.#compared.has(pair)) return;
      this.#compared.add(pair);
    }
    if (depth > maxDepth || this.#comparesAlike(a.schema, b.schema, label, depth)) return;
    this.#compareTypes(a.schema, b.schema, label);
    this.#compareValues(a.schema, b.schema, label);
    for (const keyword of lowerBounds) this.#compareBound(a.schema, b.schema, keyword, 1, label);
    for (const keyword of upperBounds) this.#compareBound(a.schema, b.schema, keyword, -1, label);
    this.#compareOpaque(a.schema, b.schema, label);
    this.#compareKeywords(a.schema, b.schema, harmless, this.#changes.changed, label);
    this.#compareKeywords(a.schema, b.schema, texts, this.#changes.texts, label);
    this.#compareObjects(a.schema, b.schema, label, depth);
    this.#compareItems(a.schema, b.schema, label, depth);
    for (const keyword of ['oneOf', 'anyOf', 'allOf']) this.#compareMembers(a.schema, b.schema, keyword, label, depth);
  }

  /** Schemas of the same text differ only in what they refer to: most of two revisions is that. */
  #comparesAlike(a: JsonObject, b: JsonObject, label: string, depth: number): boolean {
    const text = JSON.stringify(a);
    if (text !== JSON.stringify(b)) return false;
    for (const [, $ref = ''] of text.matchAll(/"\$ref":"(#\/\$defs\/[^"]+)"/g)) this.compare({ $ref }, { $ref }, label, depth + 1);
    return true;
  }

  #compareTypes(a: JsonObject, b: JsonObject, label: string): void {
    const [before, after] = [typesOf(a), typesOf(b)];
    if (before.some((type) => !after.includes(type))) this.#changes.narrowed.push(`${label}: its type was ${describeTypes(a)}, now it is ${describeTypes(b)}.`);
    else if (after.length !== before.length) this.#changes.changed.push(`${label}: its type was ${describeTypes(a)}, now it is ${describeTypes(b)}.`);
  }

  #compareValues(a: JsonObject, b: JsonObject, label: string): void {
    const [before, after] = [valuesOf(a), valuesOf(b)];
    const missing = before === undefined || after === undefined ? [] : [...before].filter((value) => !after.has(value));
    if (after !== undefined && before === undefined) this.#changes.narrowed.push(`${label}: only some values are allowed now.`);
    else if (missing.length > 0) this.#changes.narrowed.push(`${label}: ${listed(missing)} not allowed any more.`);
    else if (before !== undefined && after?.size !== before.size) this.#changes.changed.push(`${label}: more values are allowed.`);
  }

  /** `sign` 1: a higher bound refuses more; -1: a lower one does. */
  #compareBound(a: JsonObject, b: JsonObject, keyword: string, sign: 1 | -1, label: string): void {
    const [before, after] = [own(a, keyword), own(b, keyword)];
    if (before === after) return;
    const isNarrower = typeof after === 'number' && (typeof before !== 'number' || sign * (after - before) > 0);
    const text = `${label}: "${keyword}" was ${describe(before)}, now it is ${describe(after)}.`;
    (isNarrower ? this.#changes.narrowed : this.#changes.changed).push(text);
  }

  #compareOpaque(a: JsonObject, b: JsonObject, label: string): void {
    for (const keyword of opaque) {
      const [before, after] = [own(a, keyword), own(b, keyword)];
      if (isSame(before, after)) continue;
      (after === undefined ? this.#changes.changed : this.#changes.narrowed).push(`${label}: "${keyword}" changed.`);
    }
  }

  #compareKeywords(a: JsonObject, b: JsonObject, keywords: readonly string[], list: string[], label: string): void {
    for (const keyword of keywords) if (!isSame(own(a, keyword), own(b, keyword))) list.push(`${label}: its ${keyword} changed.`);
  }

  #compareObjects(a: JsonObject, b: JsonObject, label: string, depth: number): void {
    const [before, after] = [ownObject(a, 'properties') ?? {}, ownObject(b, 'properties') ?? {}];
    const wasRequired = new Set(ownArray(a, 'required'));
    const isRequired = new Set(ownArray(b, 'required'));
    for (const name of Object.keys(before)) {
      const place = `${label}.${name}`;
      const member = own(after, name);
      if (member !== undefined) this.compare(own(before, name) ?? true, member, place, depth + 1);
      else (own(b, 'additionalProperties') === false ? this.#changes.narrowed : this.#changes.changed).push(`${place}: it was removed.`);
    }
    for (const name of Object.keys(after)) if (!Object.hasOwn(before, name)) this.#changes.changed.push(`${label}.${name}: it is new.`);
    for (const name of isRequired) if (!wasRequired.has(name)) this.#changes.narrowed.push(`${label}.${String(name)}: it is required now.`);
    for (const name of wasRequired) if (!isRequired.has(name)) this.#changes.changed.push(`${label}.${String(name)}: it is not required any more.`);
    const [wasOpen, isOpen] = [own(a, 'additionalProperties') ?? true, own(b, 'additionalProperties') ?? true];
    if (isObject(wasOpen) && isObject(isOpen)) this.compare(wasOpen, isOpen, `${label}.*`, depth + 1);
    else if (!isSame(wasOpen, isOpen)) {
      const isNarrower = isOpen === false || wasOpen === true;
      (isNarrower ? this.#changes.narrowed : this.#changes.changed).push(`${label}: ${isNarrower ? 'fewer' : 'more'} further properties are allowed.`);
    }
  }

  #compareItems(a: JsonObject, b: JsonObject, label: string, depth: number): void {
    this.compare(own(a, 'items') ?? true, own(b, 'items') ?? true, `${label}[]`, depth + 1);
    const [before, after] = [ownArray(a, 'prefixItems'), ownArray(b, 'prefixItems')];
    for (let at = 0; at < Math.max(before.length, after.length); at += 1) this.compare(before[at] ?? true, after[at] ?? true, `${label}[${at}]`, depth + 1);
  }

  /** Members are the same when they refer to the same definition or say the same; unlike ones of equal number are compared in order. */
  #compareMembers(a: JsonObject, b: JsonObject, keyword: string, label: string, depth: number): void {
    const [before, after] = [ownArray(a, keyword), ownArray(b, keyword)];
    const [was, is] = [new Map(before.map((member) => [memberKey(member), member])), new Map(after.map((member) => [memberKey(member), member]))];
    const gone = [...was.keys()].filter((key) => !is.has(key));
    const added = [...is.keys()].filter((key) => !was.has(key));
    for (const [key, member] of was) if (is.has(key)) this.compare(member, is.get(key) ?? true, label, depth + 1);
    if (gone.length === added.length && before.length === after.length) {
      for (const [at, key] of gone.entries()) this.compare(was.get(key) ?? true, is.get(added[at] ?? '') ?? true, `${label} (${keyword})`, depth + 1);
      return;
    }
    const joins = keyword === 'allOf';
    const isNarrower = before.length === 0 || (joins ? added.length > 0 : gone.length > 0) || (!joins && after.length === 0);
    (isNarrower && after.length > 0 ? this.#changes.narrowed : this.#changes.changed).push(`${label}: the alternatives or parts in "${keyword}" changed.`);
  }
}

function follow({ schema, defs }: SchemaSide): { schema: JsonObject; beside: JsonObject; name: string } {
  let current = schema;
  let name = '';
  let beside: JsonObject = {};
  for (let hop = 0; hop < 16 && isObject(current); hop += 1) {
    const reference = ownString(current, '$ref');
    if (reference === undefined) break;
    name = reference;
    if (hop === 0) beside = current;
    current = own(defs, reference.replace('#/$defs/', '')) ?? {};
  }
  return { schema: isObject(current) ? current : current === false ? { not: {} } : {}, beside, name };
}

function typesOf(schema: JsonObject): readonly string[] {
  const written = own(schema, 'type');
  const types = isArray(written) ? written.map(String) : typeof written === 'string' ? [written] : allTypes;
  return types.includes('number') && !types.includes('integer') ? [...types, 'integer'] : types;
}

const describeTypes = (schema: JsonObject): string => {
  const written = own(schema, 'type');
  return written === undefined ? 'any' : isArray(written) ? written.join(' or ') : String(written);
};

function valuesOf(schema: JsonObject): ReadonlySet<string> | undefined {
  const constant = own(schema, 'const');
  if (constant !== undefined) return new Set([canonicalText(constant)]);
  return isArray(own(schema, 'enum')) ? new Set(ownArray(schema, 'enum').map(canonicalText)) : undefined;
}

const listed = (values: readonly string[]): string => `${values.slice(0, 10).join(', ').slice(0, 400)}${values.length > 10 ? ` and ${values.length - 10} more are` : values.length === 1 ? ' is' : ' are'}`;
const describe = (value: JsonValue | undefined): string => (value === undefined ? 'absent' : JSON.stringify(value).slice(0, 100));
const memberKey = (member: JsonValue): string => (isObject(member) ? (ownString(member, '$ref') ?? canonicalText(member)) : String(member));

function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && canonicalText(a) === canonicalText(b);
}
