/** JSON as data. Documents and arguments are read through {@link own}, so `constructor` or `__proto__` is a name like any other. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
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
  return typeof value === 'string' ? 'string' : 'boolean';
}

/** Text that is equal for equal JSON values whatever the order of their keys. The value must be of bounded depth. */
export function canonicalText(value: JsonValue): string {
  if (isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(own(value, key) ?? null)}`);
  return `{${members.join(',')}}`;
}
