import { shortHash } from '../short-hash.js';

interface Named {
  readonly location: 'path' | 'query' | 'header' | 'body';
  readonly name: string;
}

const legalKey = /^[a-zA-Z0-9_.-]{1,64}$/;
const order = { body: 0, path: 1, query: 2, header: 3 };

/**
 * A unique key `[a-zA-Z0-9_.-]{1,64}` for each argument. A body property keeps its name and a parameter of the same name
 * becomes `name__query`; among parameters path comes before query before header. Names that are no legal key are
 * sanitised; where that clashes, a hash of the location and the name follows.
 */
export function assignKeys<T extends Named>(named: readonly T[]): ReadonlyMap<T, string> {
  const keys = new Map<T, string>();
  const taken = new Set<string>();
  const assign = (item: T, key: string): void => {
    const unique = taken.has(key) ? hashed(item, key) : key;
    taken.add(unique);
    keys.set(item, unique);
  };
  const sorted = [...named].sort((a, b) => order[a.location] - order[b.location]);
  // Names that are keys already come first, so that a sanitised one never takes a key from its owner.
  const legal = sorted.filter(({ name }) => isLegal(name));
  const sanitised = sorted.filter(({ name }) => !isLegal(name));
  for (const item of legal) {
    if (taken.has(item.name)) assign(item, withLocation(item));
    else assign(item, item.name);
  }
  for (const item of sanitised) assign(item, sanitise(item));
  return keys;
}

/** `__proto__` is legal by its letters, but clients and parsers drop or refuse it. */
const isLegal = (name: string): boolean => legalKey.test(name) && name !== '__proto__';

function withLocation({ name, location }: Named): string {
  const suffix = `__${location}`;
  return `${name.slice(0, 64 - suffix.length)}${suffix}`;
}

function sanitise(item: Named): string {
  const key = item.name.replace(/[^a-zA-Z0-9_.-]+/g, '_').replace(/^_+|_+$/g, '');
  if (key === '') return hashed(item, 'argument');
  return key.length > 64 ? hashed(item, key) : key;
}

function hashed({ location, name }: Named, key: string): string {
  return `${key.slice(0, 55)}_${shortHash([location, name], 8)}`;
}
