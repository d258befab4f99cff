import { fileKeysOf, type BindingTable } from '../tool/binding-table.js';
import { argumentAt } from '../tool/nested-arguments.js';
import { isObject, isWithinDepth, own, ownArray, ownObject, type JsonObject, type JsonValue } from '../json.js';
import { CheckTooLongError, type Problem, type SchemaChecker } from '../schema/schema-checker.js';
import { parseForSchema, replaceAt } from './argument-coercion.js';
import { describeMissing, describeProblems, describeUnknown } from './validation-message.js';

export type ValidationResult = { readonly ok: true; readonly args: JsonObject } | { readonly ok: false; readonly message: string };

/** Levels of arrays and objects that arguments may have. */
const maxArgumentDepth = 64;
/** Values that one call may have coerced; each costs one more validation. */
const maxCoercions = 32;

/** What of an operation's request its validation depends on. */
type Bound = Pick<BindingTable, 'parameters' | 'body' | 'groups'>;

/** Checks the arguments of one operation. `checker` is shared by the operations of a document. */
export class ArgumentValidator {
  readonly #schema: JsonObject;
  readonly #checker: SchemaChecker;
  readonly #binding: Bound;
  readonly #fileKeys: ReadonlySet<string>;
  readonly #properties: JsonObject;
  readonly #required: readonly string[];

  constructor(schema: JsonObject, binding: Bound, checker: SchemaChecker) {
    this.#schema = schema;
    this.#checker = checker;
    this.#binding = binding;
    this.#fileKeys = fileKeysOf(binding.body);
    this.#properties = ownObject(schema, 'properties') ?? {};
    this.#required = ownArray(schema, 'required').filter((name) => typeof name === 'string');
  }

  validate(args: JsonObject): ValidationResult {
    const problem = this.#outerProblem(args);
    if (problem !== undefined) return { ok: false, message: problem };
    try {
      return this.#check(args);
    } catch (error) {
      if (!(error instanceof CheckTooLongError)) throw error;
      return { ok: false, message: 'The arguments take too long to check against the tool\'s schema; send fewer or less nested values.' };
    }
  }

  #check(args: JsonObject): ValidationResult {
    const kept: KeptText[] = [];
    let checked = args;
    for (let round = 0; ; round += 1) {
      const problems = this.#checker.problemsOf(this.#schema, checked);
      if (problems.length === 0) return { ok: true, args: kept.length === 0 ? checked : withTexts(checked, kept) };
      const coerced = round < maxCoercions ? this.#coerce(checked, problems, kept) : undefined;
      if (coerced === undefined) return { ok: false, message: describeProblems(problems, checked) };
      checked = coerced;
    }
  }

  /** What needs no schema: depth, unknown names, missing names (all of them at once). */
  #outerProblem(args: JsonObject): string | undefined {
    if (!isWithinDepth(args, maxArgumentDepth)) return `The arguments are nested deeper than ${maxArgumentDepth} levels.`;
    if (own(this.#schema, 'additionalProperties') === false) {
      const unknown = Object.keys(args).filter((key) => !Object.hasOwn(this.#properties, key));
      if (unknown.length > 0) return describeUnknown(unknown, Object.keys(this.#properties), this.#wholeBodyKey());
    }
    const absent = this.#required.filter((key) => !Object.hasOwn(args, key));
    if (absent.length > 0) return describeMissing(absent, this.#properties);
    return this.#bodyProblem(args);
  }

  /** Models tend to send the body's members beside the parameters. */
  #wholeBodyKey(): string | undefined {
    const { body } = this.#binding;
    return body?.kind === 'whole' && body.fixed === undefined ? body.key : undefined;
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
  #coerce(args: JsonObject, problems: readonly Problem[], kept: KeptText[]): JsonObject | undefined {
    const { groups, parameters } = this.#binding;
    const found = parseForSchema(problems, args, (path) => this.#isFileAt(path));
    if (found === undefined) return undefined;
    const { key, deeper } = argumentAt(found.path, groups);
    const isParameter = deeper.length === 0 && parameters.some((parameter) => parameter.key === key);
    if (isParameter && typeof found.value === 'number' && !Number.isSafeInteger(found.value)) kept.push(found);
    const replaced = replaceAt(args, found.path, found.value);
    return isObject(replaced) ? replaced : undefined;
  }

  #isFileAt(path: readonly string[]): boolean {
    const { key, deeper } = argumentAt(path, this.#binding.groups);
    return key !== undefined && deeper.length <= 1 && this.#fileKeys.has(key);
  }
}

/** Where a parameter keeps the text it was given. */
interface KeptText {
  readonly path: readonly string[];
  readonly text: string;
}

function withTexts(args: JsonObject, kept: readonly KeptText[]): JsonObject {
  const replaced = kept.reduce<JsonValue>((node, { path, text }) => replaceAt(node, path, text), args);
  return isObject(replaced) ? replaced : args;
}
