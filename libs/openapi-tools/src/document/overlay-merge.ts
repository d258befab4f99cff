import { isArray, isObject, own, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import type { Location } from './overlay-target.js';

/** Objects that are merged within one another; beyond it, the two do not go together. */
const maxDepth = 512;

/**
 * A document under change that leaves the original alone: what lies on the way to a change is copied once, all else is shared (also
 * what a YAML alias put in two places).
 */
export class TreeDraft {
  #root: JsonObject;
  #own = new WeakSet<object>();

  constructor(root: JsonObject) {
    this.#root = root;
  }

  get root(): JsonObject {
    return this.#root;
  }

  /** To be called when a value of the document is about to stand in a second place: from then on it is shared. */
  share(): void {
    this.#own = new WeakSet();
  }

  valueAt(location: Location): JsonValue | undefined {
    let current: JsonValue | undefined = this.#root;
    for (const key of location) current = childOf(current, key);
    return current;
  }

  /** False when that would make the root anything but an object. */
  replace(location: Location, value: JsonValue): boolean {
    const key = location.at(-1);
    if (key === undefined) {
      if (!isObject(value)) return false;
      this.#root = value;
      return true;
    }
    const parent = this.#editable(location.slice(0, -1));
    if (isArray(parent)) parent[Number(key)] = value;
    else if (parent !== undefined) put(parent, String(key), value);
    return true;
  }

  /** Removes all places, deepest and last ones first, so that none moves before its turn. False for the root. */
  removeAll(locations: readonly Location[]): boolean {
    if (locations.some((location) => location.length === 0)) return false;
    for (const location of [...locations].sort((a, b) => b.length - a.length || compareKeys(b.at(-1), a.at(-1)))) {
      const parent = this.#editable(location.slice(0, -1));
      const key = location.at(-1);
      if (isArray(parent)) parent.splice(Number(key), 1);
      else if (parent !== undefined) delete parent[String(key)];
    }
    return true;
  }

  /** The object or array at a place as one that only this draft holds. */
  #editable(location: Location): JsonDraft | JsonValue[] | undefined {
    let current = this.#adopt(this.#root);
    if (!isArray(current)) this.#root = current;
    for (const key of location) {
      const child = childOf(current, key);
      if (typeof child !== 'object' || child === null) return undefined;
      const adopted = this.#adopt(child);
      if (isArray(current)) (current as JsonValue[])[Number(key)] = adopted;
      else put(current as JsonDraft, String(key), adopted);
      current = adopted;
    }
    return current as JsonDraft | JsonValue[];
  }

  #adopt(node: JsonObject | readonly JsonValue[]): JsonDraft | JsonValue[] {
    // What is in the set was made by the two lines below and is held by nobody else.
    if (this.#own.has(node)) return node as JsonDraft | JsonValue[];
    const copy = isArray(node) ? [...node] : copyObject(node);
    this.#own.add(copy);
    return copy;
  }
}

/**
 * An update merged into its target (Overlay 1.1 §4.4.3): objects member by member, arrays joined, an entry appended to an array, a
 * primitive value replaced. Undefined when the two do not go together; with `isStrict` false, such members of objects are replaced.
 */
export function mergeUpdate(target: JsonValue | undefined, update: JsonValue, isStrict: boolean): JsonValue | undefined {
  if (isArray(target)) return isArray(update) ? [...target, ...update] : [...target, update];
  return mergeValue(target, update, isStrict);
}

function mergeValue(target: JsonValue | undefined, update: JsonValue, isStrict: boolean, depth = 0): JsonValue | undefined {
  if (target === undefined || depth > maxDepth) return target === undefined ? update : undefined;
  if (isArray(target) && isArray(update)) return [...target, ...update];
  if (!isObject(target) || !isObject(update)) return isPrimitive(target) && isPrimitive(update) ? update : undefined;
  const merged = copyObject(target);
  for (const [key, value] of Object.entries(update)) {
    const member = mergeValue(own(target, key), value, isStrict, depth + 1) ?? (isStrict ? undefined : value);
    if (member === undefined) return undefined;
    put(merged, key, member);
  }
  return merged;
}

const isPrimitive = (value: JsonValue): boolean => typeof value !== 'object' || value === null;
const compareKeys = (a: string | number | undefined, b: string | number | undefined): number => (typeof a === 'number' && typeof b === 'number' ? a - b : 0);

function childOf(value: JsonValue | undefined, key: string | number): JsonValue | undefined {
  if (isArray(value)) return value[Number(key)];
  return isObject(value) ? own(value, String(key)) : undefined;
}

/** A copy that keeps an own member called `__proto__`. */
function copyObject(object: JsonObject): JsonDraft {
  const copy: JsonDraft = {};
  for (const key of Object.keys(object)) put(copy, key, own(object, key) ?? null);
  return copy;
}
