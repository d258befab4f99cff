import type { Problem } from '../schema/schema-checker.js';
import { jsonTypeOf } from '../schema/value-rules.js';
import { closestName } from './closest-name.js';
import { isArray, isObject, own, ownArray, ownString, writeJson, type JsonObject, type JsonValue } from '../json.js';

const maxListed = 40;
/** Characters of one list of names or values. */
const maxListLength = 700;
const maxProblems = 4;
/** Characters of a whole message: it goes into a model's context. */
const maxLength = 2_000;

/** Texts for the model: which argument, what was expected, which values are allowed. `bodyKey`: the one argument that is the whole body. */
export function describeUnknown(unknown: readonly string[], known: readonly string[], bodyKey?: string): string {
  const names = unknown.slice(0, 10).map(quote).join(', ');
  const plural = unknown.length === 1 ? 'Unknown argument' : 'Unknown arguments';
  if (known.length === 0) return `${plural} ${names}; this tool takes no arguments.`;
  const meant = [...new Set(unknown.slice(0, 10).map((name) => closestName(name, known)))].filter((name) => name !== undefined);
  return `${plural} ${names}.${meant.length === 0 ? '' : ` Did you mean ${meant.map(quote).join(', ')}?`} This tool takes: ${list(known)}.${bodyKey === undefined ? '' : ` What belongs to the request's body goes into the argument ${quote(bodyKey)}.`}`;
}

export function describeMissing(absent: readonly string[], properties: JsonObject): string {
  const named = absent.slice(0, maxListed).map((key) => {
    const expected = describeExpected(own(properties, key));
    return expected === '' ? quote(key) : `${quote(key)} (${expected})`;
  });
  return cut(`Missing required ${absent.length === 1 ? 'argument' : 'arguments'} ${named.join(', ')}.`);
}

function describeExpected(schema: JsonValue | undefined): string {
  if (!isObject(schema)) return '';
  const values = ownArray(schema, 'enum');
  if (values.length > 0) return `one of ${list(values.map((value) => JSON.stringify(value)))}`;
  const type = own(schema, 'type');
  return isArray(type) ? type.join(' or ') : (ownString(schema, 'type') ?? '');
}

/** The problems as sentences, the deepest first: in a union the branch that got furthest is the one that was meant. */
export function describeProblems(problems: readonly Problem[], args: JsonObject): string {
  const telling = problems.filter((problem) => problem.keyword !== 'more' && !isExplained(problem, problems));
  const sorted = [...telling].sort((a, b) => depthOf(b) - depthOf(a));
  const sentences = new Set<string>();
  for (const path of new Set(sorted.map(({ instancePath }) => instancePath))) {
    if (sentences.size >= maxProblems) break;
    const here = sorted.filter(({ instancePath }) => instancePath === path);
    for (const sentence of describeAt(path, here, args)) sentences.add(sentence);
  }
  return cut([...sentences].slice(0, maxProblems).join(' ')) || 'The arguments do not fit the tool\'s schema.';
}

const isUnion = ({ keyword }: Problem): boolean => keyword === 'anyOf' || keyword === 'oneOf';

/** A union in which nothing fits is explained by what is wrong in its branches. */
function isExplained(problem: Problem, problems: readonly Problem[]): boolean {
  const { instancePath } = problem;
  return isUnion(problem) && problems.some((other) => !isUnion(other) && (other.instancePath === instancePath || other.instancePath.startsWith(`${instancePath}/`)));
}

const depthOf = ({ instancePath }: Problem): number => instancePath.split('/').length;

function describeAt(path: string, errors: readonly Problem[], args: JsonObject): readonly string[] {
  const place = path === '' ? 'The arguments' : `Argument ${quote(pathText(path))}`;
  const types = new Set(errors.filter(({ keyword }) => keyword === 'type').flatMap(({ params }) => [params['type']].flat().map(String)));
  const values = errors.flatMap(({ keyword, params }) => (keyword === 'enum' ? params['allowedValues'] : keyword === 'const' ? [params['allowedValue']] : []) as readonly JsonValue[]);
  const others = errors.filter(({ keyword }) => keyword !== 'type' && keyword !== 'enum' && keyword !== 'const').map((error) => `${place} ${describeKeyword(error)}.`);
  const texts = [...new Set(values.map((value) => writeJson(value)))];
  const given = valueAt(args, path);
  if (texts.length > 0) others.unshift(`${place} must be ${texts.length === 1 ? '' : 'one of '}${list(texts)}${suggestValue(given, values)}.`);
  // Beside another branch's rule that was broken, "null" is no repair.
  if (types.size === 0 || (types.size === 1 && types.has('null') && others.length > 0)) return others;
  const not = given === undefined ? '' : `, not ${jsonTypeOf(given)}`;
  return [`${place} must be of type ${[...types].join(' or ')}${not}.`, ...others];
}

/** A typing error in one of many values. */
function suggestValue(given: JsonValue | undefined, values: readonly JsonValue[]): string {
  const meant = typeof given === 'string' ? closestName(given, values.filter((value) => typeof value === 'string')) : undefined;
  return meant === undefined ? '' : ` (did you mean ${quote(meant)}?)`;
}

function describeKeyword({ keyword, params, message }: Problem): string {
  const parameters: Readonly<Record<string, unknown>> = params;
  switch (keyword) {
    case 'required':
    case 'dependentRequired':
      return `lacks the property ${quote(String(parameters['missingProperty']))}`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return describeUnknownProperty(String(parameters['additionalProperty'] ?? parameters['unevaluatedProperty']), parameters['known']);
    case 'uniqueItems':
      return 'must not have equal items';
    case 'oneOf':
      return Array.isArray(parameters['passingSchemas']) ? 'fits more than one of the allowed shapes; only one may fit' : 'fits none of the allowed shapes';
    case 'anyOf':
      return 'fits none of the allowed shapes';
    case 'not':
    case 'false schema':
      return 'has a value that is not allowed there';
    default:
      return message ?? `breaks the rule "${keyword}"`;
  }
}

function describeUnknownProperty(name: string, known: unknown): string {
  const names = Array.isArray(known) ? known.map(String) : [];
  const meant = closestName(name, names);
  return `has the unknown property ${quote(name)}${meant === undefined ? '' : ` (did you mean ${quote(meant)}?)`}`;
}

/** `/filter/ids/0` as `filter.ids[0]`. */
function pathText(path: string): string {
  return path
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((token, index) => (/^\d+$/.test(token) && index > 0 ? `[${token}]` : index === 0 ? token : `.${token}`))
    .join('');
}

function valueAt(args: JsonObject, path: string): JsonValue | undefined {
  let node: JsonValue | undefined = args;
  for (const token of path.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    node = isArray(node) ? node[Number(key)] : isObject(node) ? own(node, key) : undefined;
  }
  return node;
}

const quote = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);

function list(items: readonly string[]): string {
  let length = 0;
  const short = items.slice(0, maxListed).map((item) => (item.length > 100 ? `${item.slice(0, 100)}…` : item));
  const shown = short.filter((item) => (length += item.length + 2) <= maxListLength);
  return items.length > shown.length ? `${shown.join(', ')} and ${items.length - shown.length} more` : shown.join(', ');
}

const cut = (text: string): string => (text.length > maxLength ? `${text.slice(0, maxLength)}…` : text);
