/**
 * JSON as data. Documents and arguments are read through {@link own}, so `constructor` or `__proto__` is a name like any other.
 * A `bigint` stands only in arguments: an integer beyond 2^53, whose digits must survive ({@link parseArguments}).
 */
export type JsonValue = string | number | bigint | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
/** An object under construction; fill it with {@link put}. */
export type JsonDraft = Record<string, JsonValue>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isArray(value: unknown): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The object's own member, never one inherited from `Object.prototype`. */
export function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function ownObject(object: JsonObject, key: string): JsonObject | undefined {
  const value = own(object, key);
  return isObject(value) ? value : undefined;
}

export function ownArray(object: JsonObject, key: string): readonly JsonValue[] {
  const value = own(object, key);
  return isArray(value) ? value : [];
}

export function ownString(object: JsonObject, key: string): string | undefined {
  const value = own(object, key);
  return typeof value === 'string' ? value : undefined;
}

/** Sets an own member; a plain assignment to `__proto__` would change the prototype instead. */
export function put(draft: JsonDraft, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(draft, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    draft[key] = value;
  }
}

/** True when no array or object lies deeper than `limit` levels; walks without recursion, so any depth is safe. */
export function isWithinDepth(value: JsonValue, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const pending: [JsonValue, number][] = [[value, 1]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [node, depth] = next;
    if (depth > limit) return false;
    for (const child of Object.values(node ?? {})) {
      if (typeof child === 'object' && child !== null) pending.push([child, depth + 1]);
    }
  }
  return true;
}

/** The JSON type name that a schema's `type` would use for the value; integral numbers are `integer`. */
export function typeOf(value: JsonValue): 'null' | 'array' | 'object' | 'string' | 'boolean' | 'integer' | 'number' {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  if (typeof value === 'object') return 'object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'bigint') return 'integer';
  return typeof value === 'string' ? 'string' : 'boolean';
}

/** The beginning of a value's JSON, for a message; arrays and objects, which may be of any depth, are only named. */
export function excerptOf(value: JsonValue | undefined, length: number): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return isArray(value) ? 'an array' : 'an object';
  return writeJson(value).slice(0, length);
}

/** Text that is equal for equal JSON values whatever the order of their keys. The value must be of bounded depth. */
export function canonicalText(value: JsonValue): string {
  if (isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (!isObject(value)) return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(own(value, key) ?? null)}`);
  return `{${members.join(',')}}`;
}

/** JSON.rawJSON and a reviver's third parameter are in every Node that runs us, but not yet in TypeScript's es2024 library. */
interface SourceAwareJson {
  rawJSON(text: string): unknown;
  parse(text: string, reviver: (this: unknown, key: string, value: JsonValue, context: { readonly source?: string }) => JsonValue): JsonValue;
}
const sourceAware = JSON as unknown as SourceAwareJson;

/** The JSON text of a value, all digits of a `bigint` included. */
export function writeJson(value: JsonValue): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // Only a bigint makes JSON.stringify throw a TypeError for data without cycles; the usual value never comes here.
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? sourceAware.rawJSON(String(member)) : member));
  }
}

/**
 * `JSON.parse`, but an integer that a double cannot hold becomes a `bigint` with all its digits. A fraction keeps the digits of a
 * double. Texts without a run of 16 digits take no longer than with JSON.parse. Throws SyntaxError.
 */
export function parseArguments(text: string): JsonValue {
  if (!/\d{16}/.test(text)) {
    const value: JsonValue = JSON.parse(text);
    return value;
  }
  return sourceAware.parse(text, (_key, value, { source }) => {
    const isInexact = typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source);
    return isInexact ? BigInt(source) : value;
  });
}
