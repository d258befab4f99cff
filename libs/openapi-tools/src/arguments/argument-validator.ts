import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { BindingTable } from '../tool/binding-table.js';
import { canonicalText, isArray, isObject, isWithinDepth, own, ownArray, ownObject, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import { linearPattern } from './linear-pattern.js';
import { parseForSchema, replaceAt } from './argument-coercion.js';
import { describeMissing, describeProblem, describeUnknown } from './validation-message.js';

export type ValidationResult = { readonly ok: true; readonly args: JsonObject } | { readonly ok: false; readonly message: string };

/** Levels of arrays and objects that arguments may have. */
const maxArgumentDepth = 64;
/** Definitions that one validation may enter: nested unions of a recursive schema would otherwise multiply without end. */
const maxDefinitionsEntered = 500_000;
/** Values that one call may have coerced; each costs one more validation. */
const maxCoercions = 32;

/** Checks the arguments of one operation. The schema is compiled when the first call asks. */
export class ArgumentValidator {
  readonly #schema: JsonObject;
  readonly #binding: BindingTable;
  readonly #properties: JsonObject;
  readonly #required: readonly string[];
  #validate: ValidateFunction | undefined;
  #entered = 0;

  constructor(schema: JsonObject, binding: BindingTable) {
    this.#schema = schema;
    this.#binding = binding;
    this.#properties = ownObject(schema, 'properties') ?? {};
    this.#required = ownArray(schema, 'required').filter((name) => typeof name === 'string');
  }

  validate(args: JsonObject): ValidationResult {
    const problem = this.#outerProblem(args);
    if (problem !== undefined) return { ok: false, message: problem };
    this.#validate ??= compile(this.#schema, () => this.#enterDefinition());
    this.#entered = 0;
    try {
      return this.#check(args, this.#validate);
    } catch (error) {
      if (error === tooManySteps) return { ok: false, message: 'The arguments take too long to check against the tool\'s schema; send fewer or less nested values.' };
      throw error;
    }
  }

  #enterDefinition(): void {
    this.#entered += 1;
    if (this.#entered > maxDefinitionsEntered) throw tooManySteps;
  }

  #check(args: JsonObject, validate: ValidateFunction): ValidationResult {
    const kept = new Map<string, JsonValue>();
    let checked = args;
    for (let round = 0; !validate(checked); round += 1) {
      const errors = validate.errors ?? [];
      const coerced = round < maxCoercions ? this.#coerce(checked, errors, kept) : undefined;
      if (coerced === undefined) return { ok: false, message: describeProblem(errors, checked) };
      checked = coerced;
    }
    return { ok: true, args: kept.size === 0 ? checked : withMembers(checked, kept) };
  }

  /** What needs no schema: depth, unknown names, missing names (all of them at once). */
  #outerProblem(args: JsonObject): string | undefined {
    if (!isWithinDepth(args, maxArgumentDepth)) return `The arguments are nested deeper than ${maxArgumentDepth} levels.`;
    if (own(this.#schema, 'additionalProperties') === false) {
      const unknown = Object.keys(args).filter((key) => !Object.hasOwn(this.#properties, key));
      if (unknown.length > 0) return describeUnknown(unknown, Object.keys(this.#properties));
    }
    const absent = this.#required.filter((key) => !Object.hasOwn(args, key));
    if (absent.length > 0) return describeMissing(absent, this.#properties);
    return this.#bodyProblem(args);
  }

  /** An optional body whose properties are arguments: once one of them is given, its required ones are needed. */
  #bodyProblem(args: JsonObject): string | undefined {
    const { body } = this.#binding;
    if (body?.kind !== 'properties' || body.required) return undefined;
    if (!body.properties.some(({ key }) => Object.hasOwn(args, key))) return undefined;
    const absent = body.properties.filter(({ key, required }) => required && !Object.hasOwn(args, key));
    return absent.length === 0 ? undefined : describeMissing(absent.map(({ key }) => key), this.#properties);
  }

  /** openapi.md decision 20. Digits too many for a number stay text where they become text anyway (a parameter). */
  #coerce(args: JsonObject, errors: readonly ErrorObject[], kept: Map<string, JsonValue>): JsonObject | undefined {
    const found = parseForSchema(errors, args);
    if (found === undefined) return undefined;
    const [key, ...deeper] = found.path;
    const isParameter = deeper.length === 0 && this.#binding.parameters.some((parameter) => parameter.key === key);
    if (isParameter && key !== undefined && typeof found.value === 'number' && !Number.isSafeInteger(found.value)) kept.set(key, found.text);
    const replaced = replaceAt(args, found.path, found.value);
    return isObject(replaced) ? replaced : undefined;
  }
}

function withMembers(args: JsonObject, members: ReadonlyMap<string, JsonValue>): JsonObject {
  const copy = { ...args };
  for (const [key, value] of members) put(copy, key, value);
  return copy;
}

const tooManySteps = new Error('too many definitions entered');

/** Ajv calls back for each `$comment` it passes; recursion only leads through `$defs`, so marking those counts every loop. */
function withMarkedDefinitions(schema: JsonObject): JsonObject {
  const definitions = ownObject(schema, '$defs');
  if (definitions === undefined) return schema;
  const marked: JsonDraft = {};
  for (const [name, definition] of Object.entries(definitions)) put(marked, name, isObject(definition) ? { $comment: name, ...definition } : definition);
  return { ...schema, $defs: marked };
}

/** A schema that Ajv cannot compile in spite of all repairs leaves the judgement to the upstream. */
function compile(schema: JsonObject, onDefinition: () => void): ValidateFunction {
  const ajv = new Ajv2020({
    strict: false,
    meta: false,
    validateSchema: false,
    validateFormats: false,
    addUsedSchema: false,
    inlineRefs: false,
    ownProperties: true,
    verbose: false,
    logger: false,
    $comment: onDefinition,
    code: { optimize: false, regExp: linearPattern },
  });
  // Ajv compares every pair of items; this takes one pass.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (isUnique: boolean, items: readonly JsonValue[]) => !isUnique || !isArray(items) || new Set(items.map(canonicalText)).size === items.length,
  });
  try {
    return ajv.compile(withMarkedDefinitions(schema));
  } catch {
    return new Ajv2020({ strict: false, meta: false, validateSchema: false }).compile({});
  }
}
