import { linearPattern } from '../arguments/linear-pattern.js';
import { isArray, isObject, type JsonObject, type JsonValue } from '../json.js';
import { findMeantBranches } from './union-branches.js';
import { brokenLiteralRule, brokenNumberRule, brokenSizeRule, brokenStringRule, brokenType, jsonTypeOf, uniqueKey, type BrokenRule } from './value-rules.js';

/** What is wrong with a value and where, in the shape that Ajv gives its errors. */
export interface Problem extends BrokenRule {
  /** JSON Pointer into the checked value. */
  readonly instancePath: string;
  readonly schemaPath: string;
}

/** Thrown when a check needs more steps than it may take. */
export class CheckTooLongError extends Error {}

/** Where in the value a check is; a pointer is only written when something is wrong. */
interface Path {
  readonly around: Path | undefined;
  readonly token: string | number;
}
interface Members {
  readonly [name: string]: unknown;
}
type Problems = Problem[] | undefined;

/** Schemas that one check may enter: nested unions of a recursive schema would otherwise multiply without end. */
const maxSteps = 300_000;
/** Schemas that may apply inside each other: 64 levels of values, some `$ref` and `allOf` at each. */
const maxNesting = 1_500;
const maxProblems = 100;

/**
 * Checks values against converted schemas (JSON Schema 2020-12, the keywords of schema-keywords.ts) by reading them: nothing is
 * compiled, so the first check of a large schema costs no more than the next, and only what the value touches is looked at.
 * Patterns take linear time; steps and depth are bounded. `format` says nothing. Keeps one compiled pattern per pattern of the document.
 */
export class SchemaChecker {
  readonly #definition: (name: string) => JsonValue | undefined;
  readonly #patterns = new Map<string, { test(text: string): boolean }>();
  #steps = 0;
  #nesting = 0;

  /** @param definition the schema that `#/$defs/<name>` means; undefined accepts anything */
  constructor(definition: (name: string) => JsonValue | undefined) {
    this.#definition = definition;
  }

  /** @throws CheckTooLongError */
  accepts(schema: JsonValue, value: unknown): boolean {
    this.#start();
    return this.#visit(schema, value, undefined, undefined);
  }

  /** What is wrong, empty when nothing is; in a union, what is wrong for each branch that may have been meant. @throws CheckTooLongError */
  problemsOf(schema: JsonValue, value: unknown): readonly Problem[] {
    if (this.accepts(schema, value)) return [];
    const problems: Problem[] = [];
    this.#start();
    this.#visit(schema, value, undefined, problems);
    return problems;
  }

  #start(): void {
    this.#steps = 0;
    this.#nesting = 0;
  }

  #visit(schema: JsonValue, value: unknown, path: Path | undefined, problems: Problems): boolean {
    if (schema === false) return report(problems, path, { keyword: 'false schema', params: {} });
    if (!isObject(schema)) return true;
    this.#steps += 1;
    this.#nesting += 1;
    if (this.#steps > maxSteps || this.#nesting > maxNesting) throw new CheckTooLongError();
    const isFine = this.#fits(schema, value, path, problems);
    this.#nesting -= 1;
    return isFine;
  }

  #fits(schema: JsonObject, value: unknown, path: Path | undefined, problems: Problems): boolean {
    const type = jsonTypeOf(value);
    const broken = (schema['type'] === undefined ? undefined : brokenType(schema['type'], type)) ?? this.#literal(schema, value) ?? this.#scalar(schema, value);
    if (broken !== undefined) return report(problems, path, broken);
    const target = schema['$ref'];
    let isFine = typeof target !== 'string' || this.#visit(this.#definition(target.slice('#/$defs/'.length)) ?? true, value, path, problems);
    if (!isFine && problems === undefined) return false;
    if (type === 'object') isFine = this.#object(schema, isMembers(value) ? value : {}, path, problems) && isFine;
    else if (type === 'array') isFine = this.#array(schema, Array.isArray(value) ? value : [], path, problems) && isFine;
    if (!isFine && problems === undefined) return false;
    return this.#composition(schema, value, path, problems) && isFine && this.#unevaluated(schema, value, path, problems);
  }

  #literal(schema: JsonObject, value: unknown): BrokenRule | undefined {
    if (isArray(schema['enum'])) this.#steps += schema['enum'].length >> 3;
    return brokenLiteralRule(schema, value);
  }

  #scalar(schema: JsonObject, value: unknown): BrokenRule | undefined {
    if (typeof value === 'string') return brokenStringRule(schema, value, this.#matches);
    return typeof value === 'number' || typeof value === 'bigint' ? brokenNumberRule(schema, value) : undefined;
  }

  #object(schema: JsonObject, value: Members, path: Path | undefined, problems: Problems): boolean {
    const { required, properties, patternProperties, additionalProperties, propertyNames, dependentRequired, dependentSchemas } = schema;
    let isFine = true;
    const note = (fits: boolean): boolean => {
      isFine &&= fits;
      return isFine || problems !== undefined;
    };
    for (const name of isArray(required) ? required : []) {
      if (!Object.hasOwn(value, String(name)) && !note(report(problems, path, { keyword: 'required', params: { missingProperty: name } }))) return false;
    }
    const names = Object.keys(value);
    const size = brokenSizeRule(schema, 'Properties', names.length);
    if (size !== undefined && !note(report(problems, path, size))) return false;
    const patterns = isObject(patternProperties) ? Object.entries(patternProperties) : [];
    const hasRules = properties !== undefined || additionalProperties !== undefined || propertyNames !== undefined || patterns.length > 0;
    for (const name of hasRules ? names : []) {
      if (!note(this.#member(schema, name, value[name], patterns, path, problems))) return false;
    }
    for (const [name, others] of isObject(dependentRequired) ? Object.entries(dependentRequired) : []) {
      const absent = Object.hasOwn(value, name) && isArray(others) ? others.find((other) => !Object.hasOwn(value, String(other))) : undefined;
      if (absent !== undefined && !note(report(problems, path, { keyword: 'dependentRequired', params: { missingProperty: absent } }))) return false;
    }
    for (const [name, dependent] of isObject(dependentSchemas) ? Object.entries(dependentSchemas) : []) {
      if (Object.hasOwn(value, name) && !note(this.#visit(dependent, value, path, problems))) return false;
    }
    return isFine;
  }

  #member(schema: JsonObject, name: string, value: unknown, patterns: readonly (readonly [string, JsonValue])[], path: Path | undefined, problems: Problems): boolean {
    const { properties, additionalProperties, propertyNames } = schema;
    const here: Path = { around: path, token: name };
    const known = isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
    let isFine = known === undefined || this.#visit(known, value, here, problems);
    const matching = patterns.filter(([pattern]) => this.#matches(pattern, name));
    for (const [, member] of matching) isFine = this.#visit(member, value, here, problems) && isFine;
    if (known === undefined && matching.length === 0 && additionalProperties !== undefined) {
      if (additionalProperties === false) {
        const expected = isObject(properties) ? Object.keys(properties) : [];
        isFine = report(problems, path, { keyword: 'additionalProperties', params: { additionalProperty: name, known: expected } });
      } else isFine = this.#visit(additionalProperties, value, here, problems) && isFine;
    }
    if (propertyNames !== undefined && !this.#visit(propertyNames, name, undefined, undefined)) {
      isFine = report(problems, path, { keyword: 'propertyNames', params: { propertyName: name }, message: `has the property name ${JSON.stringify(name.slice(0, 100))}, which is not allowed` });
    }
    return isFine;
  }

  #array(schema: JsonObject, value: readonly unknown[], path: Path | undefined, problems: Problems): boolean {
    const { prefixItems, items, uniqueItems, contains, minContains, maxContains } = schema;
    const size = brokenSizeRule(schema, 'Items', value.length);
    if (size !== undefined) return report(problems, path, size);
    const first = isArray(prefixItems) ? prefixItems : [];
    let isFine = true;
    // `items: {}` is common and says nothing.
    const visited = items === undefined || items === true || (isObject(items) && Object.keys(items).length === 0) ? Math.min(first.length, value.length) : value.length;
    for (let index = 0; index < visited; index += 1) {
      isFine = this.#visit(first[index] ?? items ?? true, value[index], { around: path, token: index }, problems) && isFine;
      if (!isFine && problems === undefined) return false;
    }
    if (uniqueItems === true && new Set(value.map(uniqueKey)).size < value.length) return report(problems, path, { keyword: 'uniqueItems', params: {} });
    if (contains === undefined) return isFine;
    const count = value.filter((item) => this.#visit(contains, item, undefined, undefined)).length;
    const [least, most] = [typeof minContains === 'number' ? minContains : 1, typeof maxContains === 'number' ? maxContains : Infinity];
    if (count >= least && count <= most) return isFine;
    return report(problems, path, { keyword: 'contains', params: {}, message: `must have ${count < least ? `at least ${least}` : `at most ${most}`} items of the shape that is asked for` });
  }

  #composition(schema: JsonObject, value: unknown, path: Path | undefined, problems: Problems): boolean {
    const { allOf, anyOf, oneOf, not, if: condition, then, else: otherwise } = schema;
    if (allOf === undefined && anyOf === undefined && oneOf === undefined && not === undefined && condition === undefined) return true;
    let isFine = true;
    for (const member of isArray(allOf) ? allOf : []) {
      isFine = this.#visit(member, value, path, problems) && isFine;
      if (!isFine && problems === undefined) return false;
    }
    if (isArray(anyOf) && !anyOf.some((member) => this.#visit(member, value, path, undefined))) isFine = this.#reportUnion('anyOf', anyOf, value, path, problems);
    if (isArray(oneOf)) isFine = this.#oneOf(oneOf, value, path, problems) && isFine;
    if (not !== undefined && this.#visit(not, value, path, undefined)) isFine = report(problems, path, { keyword: 'not', params: {} });
    if (condition === undefined || !isFine) return isFine;
    const branch = this.#visit(condition, value, path, undefined) ? then : otherwise;
    return branch === undefined || this.#visit(branch, value, path, problems);
  }

  #oneOf(members: readonly JsonValue[], value: unknown, path: Path | undefined, problems: Problems): boolean {
    const passing: number[] = [];
    for (const [index, member] of members.entries()) {
      if (passing.length < 2 && this.#visit(member, value, path, undefined)) passing.push(index);
    }
    if (passing.length === 1) return true;
    return passing.length === 0 ? this.#reportUnion('oneOf', members, value, path, problems) : report(problems, path, { keyword: 'oneOf', params: { passingSchemas: passing } });
  }

  /** Where a property says which branch is meant, only that branch's problems, or that there is no such kind; else those of all. */
  #reportUnion(keyword: 'anyOf' | 'oneOf', members: readonly JsonValue[], value: unknown, path: Path | undefined, problems: Problems): false {
    if (problems === undefined) return false;
    const { meant, kind } = findMeantBranches(members, value, this.#definition);
    if (kind !== undefined) report(problems, { around: path, token: kind.property }, { keyword: 'enum', params: { allowedValues: kind.values } });
    else for (const member of meant) this.#visit(member, value, path, problems);
    return report(problems, path, { keyword, params: {} });
  }

  #unevaluated(schema: JsonObject, value: unknown, path: Path | undefined, problems: Problems): boolean {
    const { unevaluatedProperties, unevaluatedItems } = schema;
    let isFine = true;
    if (unevaluatedProperties !== undefined && isMembers(value)) {
      const known = new Set<string>();
      if (!this.#evaluateNames(schema, value, known, true)) {
        for (const name of Object.keys(value).filter((key) => !known.has(key))) {
          if (unevaluatedProperties === false) isFine = report(problems, path, { keyword: 'unevaluatedProperties', params: { unevaluatedProperty: name, known: [] } });
          else isFine = this.#visit(unevaluatedProperties, value[name], { around: path, token: name }, problems) && isFine;
        }
      }
    }
    if (unevaluatedItems === undefined || !Array.isArray(value)) return isFine;
    const evaluated = this.#evaluateItems(schema, value, true);
    for (const [index, item] of value.entries()) {
      if (evaluated(index)) continue;
      isFine = (unevaluatedItems === false ? report(problems, path, { keyword: 'unevaluatedItems', params: {}, message: 'has more items than are allowed' }) : this.#visit(unevaluatedItems, item, { around: path, token: index }, problems)) && isFine;
    }
    return isFine;
  }

  /** The subschemas that apply to the same value and that it fits (JSON Schema core 10.2, 10.3.1: annotations of failed branches are dropped). */
  *#applied(schema: JsonObject, value: unknown): Iterable<JsonObject> {
    const { $ref: target, allOf, anyOf, oneOf, if: condition, then, else: otherwise, dependentSchemas } = schema;
    const branches: JsonValue[] = typeof target === 'string' ? [this.#definition(target.slice('#/$defs/'.length)) ?? true] : [];
    for (const list of [allOf, anyOf, oneOf]) if (isArray(list)) branches.push(...list);
    if (isObject(dependentSchemas) && isMembers(value)) branches.push(...Object.entries(dependentSchemas).flatMap(([name, member]) => (Object.hasOwn(value, name) ? [member] : [])));
    if (condition !== undefined) branches.push(condition, (this.#visit(condition, value, undefined, undefined) ? then : otherwise) ?? true);
    for (const branch of branches) if (isObject(branch) && this.#visit(branch, value, undefined, undefined)) yield branch;
  }

  /** Adds the names that are evaluated; true when all are. */
  #evaluateNames(schema: JsonObject, value: Members, names: Set<string>, isOutermost: boolean): boolean {
    const { properties, patternProperties, additionalProperties, unevaluatedProperties } = schema;
    if (additionalProperties !== undefined || (!isOutermost && unevaluatedProperties !== undefined)) return true;
    for (const name of isObject(properties) ? Object.keys(properties) : []) names.add(name);
    for (const pattern of isObject(patternProperties) ? Object.keys(patternProperties) : []) {
      for (const name of Object.keys(value)) if (this.#matches(pattern, name)) names.add(name);
    }
    for (const branch of this.#applied(schema, value)) if (this.#evaluateNames(branch, value, names, false)) return true;
    return false;
  }

  #evaluateItems(schema: JsonObject, value: readonly unknown[], isOutermost: boolean): (index: number) => boolean {
    const { items, prefixItems, contains, unevaluatedItems } = schema;
    if (items !== undefined || (!isOutermost && unevaluatedItems !== undefined)) return () => true;
    const count = isArray(prefixItems) ? prefixItems.length : 0;
    const branches = [...this.#applied(schema, value)].map((branch) => this.#evaluateItems(branch, value, false));
    const isContained = (index: number): boolean => contains !== undefined && this.#visit(contains, value[index], undefined, undefined);
    return (index) => index < count || isContained(index) || branches.some((covers) => covers(index));
  }

  readonly #matches = (pattern: string, text: string): boolean => {
    let compiled = this.#patterns.get(pattern);
    if (compiled === undefined) {
      compiled = linearPattern(pattern);
      this.#patterns.set(pattern, compiled);
    }
    return compiled.test(text);
  };
}

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

function report(problems: Problems, path: Path | undefined, rule: BrokenRule): false {
  if (problems === undefined || problems.length > maxProblems) return false;
  // A cut list must not look like the whole: coercion takes any other keyword as a branch that could have been meant.
  problems.push({ ...(problems.length === maxProblems ? { keyword: 'more', params: {} } : rule), instancePath: pointerOf(path), schemaPath: '' });
  return false;
}

function pointerOf(path: Path | undefined): string {
  const tokens: string[] = [];
  for (let at = path; at !== undefined; at = at.around) tokens.push(String(at.token).replaceAll('~', '~0').replaceAll('/', '~1'));
  return tokens.toReversed().map((token) => `/${token}`).join('');
}
