import { findExcess } from '../json-bounds.js';
import { isArray, isObject, own, parseArguments, put, typeOf, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import { isOfType } from '../schema/schema-values.js';

export interface Coercion {
  readonly path: readonly string[];
  readonly text: string;
  readonly value: JsonValue;
}

/** What of a broken rule says whether text may be read as something else. */
interface BrokenRule {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: { readonly type?: unknown };
}

const unionKeywords = new Set(['anyOf', 'oneOf', 'type', 'if']);

/**
 * The first string among the failed values that the schema has no place for and that is JSON of a type it asks for
 * (openapi.md decision 20): `"5"` for an integer, `"{\"a\":1}"` for an object. A string that any branch could take is left.
 * Where a file is asked for (`isFileAt` a path), any other text is the file's data.
 */
export function parseForSchema(errors: readonly BrokenRule[], args: JsonObject, isFileAt: (path: readonly string[]) => boolean = () => false): Coercion | undefined {
  for (const path of new Set(errors.map(({ instancePath }) => instancePath))) {
    const tokens = path.split('/').slice(1).map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
    const text = tokens.reduce<JsonValue | undefined>((node, token) => (node === undefined ? undefined : childOf(node, token)), args);
    if (typeof text !== 'string' || tokens.length === 0) continue;
    const here = errors.filter(({ instancePath }) => instancePath === path);
    const isFile = isFileAt(tokens) && here.some(({ keyword }) => keyword === 'type');
    const value = parseAs(text, here);
    if (value !== undefined) return { path: tokens, text, value };
    if (isFile) return { path: tokens, text, value: { data: text } };
  }
  return undefined;
}

function parseAs(text: string, errors: readonly BrokenRule[]): JsonValue | undefined {
  const types = errors.filter(({ keyword }) => keyword === 'type').flatMap(({ params }) => [params['type']].flat().map(String));
  // Any other failed keyword (a pattern, an enum) means that a branch took the string as a string.
  if (types.length === 0 || types.includes('string') || errors.some(({ keyword }) => !unionKeywords.has(keyword))) return undefined;
  const value = parseJson(text);
  return value !== undefined && typeOf(value) !== 'string' && isOfType(value, types) ? value : undefined;
}

function parseJson(text: string): JsonValue | undefined {
  // What is dear to parse is no argument, whatever it would be: nothing has bounded what stands in a string.
  if (findExcess(text) !== undefined) return undefined;
  try {
    return parseArguments(text);
  } catch {
    return undefined;
  }
}

function childOf(node: JsonValue, token: string): JsonValue | undefined {
  if (isArray(node)) return node[Number(token)];
  return isObject(node) ? own(node, token) : undefined;
}

/** A copy of `node` with the value at `path` replaced; what does not lie on the path is shared. */
export function replaceAt(node: JsonValue, path: readonly string[], value: JsonValue): JsonValue {
  const [token, ...rest] = path;
  if (token === undefined) return value;
  if (isArray(node)) return node.map((item, index) => (index === Number(token) ? replaceAt(item, rest, value) : item));
  if (!isObject(node)) return node;
  const copy: JsonDraft = {};
  for (const [key, member] of Object.entries(node)) put(copy, key, key === token ? replaceAt(member, rest, value) : member);
  return copy;
}
