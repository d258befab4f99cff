import type { ErrorObject } from 'ajv/dist/2020.js';
import { isArray, isObject, own, ownArray, ownString, typeOf, type JsonObject, type JsonValue } from '../json.js';

const maxListed = 40;
const maxProblems = 4;

/** Texts for the model: which argument, what was expected, which values are allowed. */
export function describeUnknown(unknown: readonly string[], known: readonly string[]): string {
  const names = unknown.slice(0, 10).map(quote).join(', ');
  const plural = unknown.length === 1 ? 'Unknown argument' : 'Unknown arguments';
  return known.length === 0 ? `${plural} ${names}; this tool takes no arguments.` : `${plural} ${names}. This tool takes: ${list(known)}.`;
}

export function describeMissing(absent: readonly string[], properties: JsonObject): string {
  const named = absent.slice(0, maxListed).map((key) => {
    const expected = describeExpected(own(properties, key));
    return expected === '' ? quote(key) : `${quote(key)} (${expected})`;
  });
  return `Missing required ${absent.length === 1 ? 'argument' : 'arguments'} ${named.join(', ')}.`;
}

function describeExpected(schema: JsonValue | undefined): string {
  if (!isObject(schema)) return '';
  const values = ownArray(schema, 'enum');
  if (values.length > 0) return `one of ${list(values.map((value) => JSON.stringify(value)))}`;
  const type = own(schema, 'type');
  return isArray(type) ? type.join(' or ') : (ownString(schema, 'type') ?? '');
}

/** Ajv's errors as sentences, the deepest first: in a union the branch that got furthest is the one that was meant. */
export function describeProblem(errors: readonly ErrorObject[], args: JsonObject): string {
  const sorted = [...errors].sort((a, b) => depthOf(b) - depthOf(a));
  const sentences = new Set<string>();
  for (const path of new Set(sorted.map(({ instancePath }) => instancePath))) {
    if (sentences.size >= maxProblems) break;
    const here = sorted.filter(({ instancePath, keyword }) => instancePath === path && keyword !== 'if');
    const telling = here.filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'oneOf');
    for (const sentence of describeAt(path, telling.length === 0 ? here : telling, args)) sentences.add(sentence);
  }
  return [...sentences].slice(0, maxProblems).join(' ') || 'The arguments do not fit the tool\'s schema.';
}

const depthOf = ({ instancePath }: ErrorObject): number => instancePath.split('/').length;

function describeAt(path: string, errors: readonly ErrorObject[], args: JsonObject): readonly string[] {
  const place = path === '' ? 'The arguments' : `Argument ${quote(pathText(path))}`;
  const types = new Set(errors.filter(({ keyword }) => keyword === 'type').flatMap(({ params }) => [params['type']].flat().map(String)));
  const others = errors.filter(({ keyword }) => keyword !== 'type').map((error) => `${place} ${describeKeyword(error)}.`);
  if (types.size === 0) return others;
  const found = valueAt(args, path);
  const given = found === undefined ? '' : `, not ${typeOf(found)}`;
  return [`${place} must be of type ${[...types].join(' or ')}${given}.`, ...others];
}

function describeKeyword({ keyword, params, message }: ErrorObject): string {
  const parameters: Readonly<Record<string, unknown>> = params;
  switch (keyword) {
    case 'enum': {
      const values: unknown = parameters['allowedValues'];
      return `must be one of ${list(Array.isArray(values) ? values.map((value) => JSON.stringify(value)) : [])}`;
    }
    case 'const':
      return `must be ${JSON.stringify(parameters['allowedValue'])}`;
    case 'required':
    case 'dependentRequired':
      return `lacks the property ${quote(String(parameters['missingProperty']))}`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return `has the unknown property ${quote(String(parameters['additionalProperty'] ?? parameters['unevaluatedProperty']))}`;
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
  const shown = items.slice(0, maxListed).map((item) => (item.length > 100 ? `${item.slice(0, 100)}…` : item));
  return items.length > maxListed ? `${shown.join(', ')} and ${items.length - maxListed} more` : shown.join(', ');
}
