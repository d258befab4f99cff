import type { JsonObject, JsonValue } from '../json.js';

/** A rule that a value breaks: the keyword and what a message needs of it. */
export interface BrokenRule {
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** As JSON Schema names it. A bigint is an integer whose digits a number would lose. */
export function jsonTypeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'object':
      return typeof value;
    case 'bigint':
      return 'integer';
    default:
      return Number.isInteger(value) ? 'integer' : 'number';
  }
}

export function brokenType(expected: JsonValue, type: string): BrokenRule | undefined {
  if (expected === type || (expected === 'number' && type === 'integer')) return undefined;
  if (Array.isArray(expected) && (expected.includes(type) || (type === 'integer' && expected.includes('number')))) return undefined;
  return { keyword: 'type', params: { type: expected } };
}

export function brokenNumberRule(schema: JsonObject, value: number | bigint): BrokenRule | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const broken = (keyword: string, sign: string, limit: number): BrokenRule => ({ keyword, params: { limit }, message: `must be ${sign} ${limit}` });
  if (typeof minimum === 'number' && value < minimum) return broken('minimum', '>=', minimum);
  if (typeof maximum === 'number' && value > maximum) return broken('maximum', '<=', maximum);
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) return broken('exclusiveMinimum', '>', exclusiveMinimum);
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) return broken('exclusiveMaximum', '<', exclusiveMaximum);
  if (typeof multipleOf === 'number' && !isMultiple(value, multipleOf)) return broken('multipleOf', 'a multiple of', multipleOf);
  return undefined;
}

function isMultiple(value: number | bigint, unit: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(unit)) return Number(value) % unit === 0;
  if (typeof value === 'number' && !Number.isFinite(value)) return true;
  // In binary 0.07 is no multiple of 0.01: the digits decide, as they stand in the JSON.
  const [a, b] = [decimalOf(value), decimalOf(unit)];
  const shift = a.exponent - b.exponent;
  return shift >= 0 ? (a.digits * 10n ** BigInt(shift)) % b.digits === 0n : a.digits % (b.digits * 10n ** BigInt(-shift)) === 0n;
}

/** A finite number as `digits * 10 ** exponent`, from its shortest text. */
function decimalOf(value: number | bigint): { readonly digits: bigint; readonly exponent: number } {
  const [mantissa = '0', power = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

export function brokenStringRule(schema: JsonObject, value: string, matches: (pattern: string, text: string) => boolean): BrokenRule | undefined {
  const { minLength, maxLength, pattern } = schema;
  if (typeof minLength === 'number' && (value.length < minLength || lengthOf(value, 2 * minLength) < minLength)) {
    return { keyword: 'minLength', params: { limit: minLength }, message: `must have at least ${minLength} ${minLength === 1 ? 'character' : 'characters'}` };
  }
  if (typeof maxLength === 'number' && value.length > maxLength && (value.length > 2 * maxLength || lengthOf(value, value.length) > maxLength)) {
    return { keyword: 'maxLength', params: { limit: maxLength }, message: `must have at most ${maxLength} ${maxLength === 1 ? 'character' : 'characters'}` };
  }
  if (typeof pattern === 'string' && !matches(pattern, value)) return { keyword: 'pattern', params: { pattern }, message: `must match the pattern ${pattern.slice(0, 200)}` };
  return undefined;
}

/** Length in code points, as JSON Schema counts; a text of more than `enough` units is long enough without counting. */
function lengthOf(text: string, enough: number): number {
  if (text.length > enough) return text.length;
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

export function brokenSizeRule(schema: JsonObject, kind: 'Items' | 'Properties', size: number): BrokenRule | undefined {
  const [least, most] = [schema[`min${kind}`], schema[`max${kind}`]];
  const noun = kind === 'Items' ? 'items' : 'properties';
  if (typeof least === 'number' && size < least) return { keyword: `min${kind}`, params: { limit: least }, message: `must have at least ${least} ${noun}` };
  if (typeof most === 'number' && size > most) return { keyword: `max${kind}`, params: { limit: most }, message: `must have at most ${most} ${noun}` };
  return undefined;
}

export function brokenLiteralRule(schema: JsonObject, value: unknown): BrokenRule | undefined {
  const { enum: allowed, const: only } = schema;
  if (Array.isArray(allowed) && !allowed.some((item) => isEqual(item, value))) return { keyword: 'enum', params: { allowedValues: allowed } };
  if (only !== undefined && !isEqual(only, value)) return { keyword: 'const', params: { allowedValue: only } };
  return undefined;
}

/** Equality of JSON values; both are of bounded depth. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === 'bigint' || typeof b === 'bigint') return isNumeric(a) && isNumeric(b) && String(a) === String(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return uniqueKey(a) === uniqueKey(b);
}

const isNumeric = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';

/** Text that is the same for equal JSON values, whatever the order of their members. */
export function uniqueKey(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(uniqueKey).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${uniqueKey(member)}`).join(',')}}`;
}
