import { canonicalText, excerptOf, isArray, isObject, isWithinDepth, put, typeOf, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import type { RepairList } from '../repair.js';

const knownTypes: ReadonlyMap<string, readonly string[]> = new Map(['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'].map((name) => [name, [name]]));
/** Type names that are not JSON Schema's but whose meaning is plain (openapi.md S06). */
const meantTypes: Readonly<Record<string, string>> = {
  int: 'integer',
  int32: 'integer',
  int64: 'integer',
  long: 'integer',
  float: 'number',
  double: 'number',
  decimal: 'number',
  bool: 'boolean',
  file: 'string',
  date: 'string',
  datetime: 'string',
  'date-time': 'string',
  uuid: 'string',
  text: 'string',
  map: 'object',
  list: 'array',
};
const maxPatternLength = 4_096;
/** Depth to which a literal value (`enum`, `const`, `default`) is carried into a tool. */
const maxLiteralDepth = 32;

/** The `type` keyword as valid type names; undefined when nothing is said (or nothing usable). */
export function readTypes(value: JsonValue | undefined, at: string, repairs: RepairList): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const known = typeof value === 'string' ? knownTypes.get(value) : undefined;
  if (known !== undefined) return known;
  const names = isArray(value) ? value : [value];
  const types = new Set<string>();
  for (const name of names) {
    const type = name === null ? 'null' : typeof name === 'string' ? meantType(name) : undefined;
    if (type !== undefined) types.add(type);
    if (type === undefined || type !== name) {
      const outcome = type === undefined ? 'ignored' : `read as "${type}"`;
      repairs.add('invalid-type', at, `The type ${excerptOf(name, 60)} is not a JSON Schema type; it was ${outcome}.`);
    }
  }
  return types.size === 0 ? undefined : [...types];
}

function meantType(name: string): string | undefined {
  if (knownTypes.has(name)) return name;
  const lower = name.trim().toLowerCase();
  if (knownTypes.has(lower)) return lower;
  return Object.hasOwn(meantTypes, lower) ? meantTypes[lower] : undefined;
}

export function isOfType(value: JsonValue, types: readonly string[]): boolean {
  const type = typeOf(value);
  return types.includes(type) || (type === 'integer' && types.includes('number'));
}

/** Enum values: unique, of the declared type (`1` for a string type is read as `"1"`), undefined when none is left. */
export function readEnum(
  value: JsonValue,
  types: readonly string[] | undefined,
  at: string,
  repairs: RepairList,
): readonly JsonValue[] | undefined {
  const given = isArray(value) ? value : [];
  const kept = new Map<string, JsonValue>();
  for (const item of given) {
    const fitting = fitValue(item, types);
    if (fitting !== undefined) kept.set(typeof fitting === 'string' ? `"${fitting}` : canonicalText(fitting), fitting);
  }
  if (kept.size === 0 || kept.size < given.length) {
    const outcome = kept.size === 0 ? 'the enum was dropped' : 'they were dropped';
    repairs.add('invalid-enum', at, `The enum is empty or has values that repeat or are not of the schema's type; ${outcome}.`);
  }
  return kept.size === 0 ? undefined : [...kept.values()];
}

function fitValue(value: JsonValue, types: readonly string[] | undefined): JsonValue | undefined {
  if (!isWithinDepth(value, maxLiteralDepth)) return undefined;
  if (types === undefined || isOfType(value, types)) return value;
  // YAML reads unquoted 1, 1.5 and true as other types than the author's `type: string`.
  if (types.includes('string') && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
  const wantsNumber = types.includes('integer') || types.includes('number');
  if (wantsNumber && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) {
    return isOfType(Number(value), types) ? Number(value) : undefined;
  }
  return undefined;
}

/** A literal that may stand in a tool, or undefined. */
export function readLiteral(value: JsonValue): JsonValue | undefined {
  return isWithinDepth(value, maxLiteralDepth) ? value : undefined;
}

/** A finite number, also from text such as `"1"`; undefined (with a repair) otherwise. */
export function readNumber(value: JsonValue, keyword: string, at: string, repairs: RepairList): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const number = typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? finite(Number(value)) : undefined;
  const outcome = number === undefined ? 'ignored' : `read as ${number}`;
  repairs.add('invalid-keyword', at, `"${keyword}" is not a number; it was ${outcome}.`);
  return number;
}

const finite = (number: number): number | undefined => (Number.isFinite(number) ? number : undefined);

/** A non-negative integer, as length and count keywords need. */
export function readCount(value: JsonValue, keyword: string, at: string, repairs: RepairList): number | undefined {
  const number = readNumber(value, keyword, at, repairs);
  if (number === undefined || (Number.isInteger(number) && number >= 0)) return number;
  repairs.add('invalid-keyword', at, `"${keyword}" is not a non-negative integer; it was ignored.`);
  return undefined;
}

/** `dependentRequired`: lists of unique names; undefined when it is anything else. */
export function readDependents(value: JsonValue): JsonObject | undefined {
  if (!isObject(value)) return undefined;
  const draft: JsonDraft = {};
  for (const [name, others] of Object.entries(value)) {
    if (!isArray(others) || !others.every((other) => typeof other === 'string')) return undefined;
    put(draft, name, [...new Set(others)]);
  }
  return draft;
}

/** A pattern that every ECMA-262 client can compile in Unicode mode, as JSON Schema 2020-12 asks; undefined otherwise. */
export function readPattern(value: JsonValue, at: string, repairs: RepairList): string | undefined {
  if (typeof value === 'string' && value.length <= maxPatternLength && isRegularExpression(value)) return value;
  repairs.add('invalid-pattern', at, 'The pattern is not an ECMA-262 regular expression; it was dropped.');
  return undefined;
}

function isRegularExpression(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
