import { shortHash } from '../short-hash.js';

/** An argument before it has a key; `request`: it goes nowhere, but says how the request is made. */
export interface NamedArgument {
  readonly location: 'path' | 'query' | 'querystring' | 'header' | 'cookie' | 'body' | 'request';
  readonly name: string;
}

/** Characters that keys may have: those that every client takes, or letters, digits and `_` only (Gemini). */
export type KeyPattern = 'standard' | 'word';

const patterns = {
  standard: { legal: /^[a-zA-Z0-9_.-]{1,64}$/, illegal: /[^a-zA-Z0-9_.-]+/g },
  word: { legal: /^[A-Za-z0-9_]{1,64}$/, illegal: /[^A-Za-z0-9_]+/g },
};
const order = { body: 0, path: 1, query: 2, header: 3, cookie: 4, querystring: 5, request: 6 };

/**
 * A unique key `[a-zA-Z0-9_.-]{1,64}` (or of the pattern given) for each argument, in their order. A body property keeps its name and a
 * parameter of the same name becomes `name__query`; among parameters path comes before query before header before cookie. Names that are
 * no legal key are sanitised; where that clashes, a hash of the location and the name follows.
 */
export function assignKeys(named: readonly NamedArgument[], keyPattern: KeyPattern = 'standard'): readonly string[] {
  const { legal, illegal } = patterns[keyPattern];
  if (areKeys(named, legal)) return named.map(({ name }) => name);
  const keys = new Map<NamedArgument, string>();
  const taken = new Set<string>();
  const assign = (item: NamedArgument, key: string): void => {
    const unique = taken.has(key) ? hashed(item, key) : key;
    taken.add(unique);
    keys.set(item, unique);
  };
  const sorted = [...named].sort((a, b) => order[a.location] - order[b.location]);
  // Names that are keys already come first, so that a sanitised one never takes a key from its owner.
  for (const item of sorted) if (isKey(item.name, legal)) assign(item, taken.has(item.name) ? withLocation(item) : item.name);
  for (const item of sorted) if (!isKey(item.name, legal)) assign(item, sanitise(item, illegal));
  return named.map((item) => keys.get(item) ?? item.name);
}

/** `__proto__` is legal by its letters, but clients and parsers drop or refuse it. */
const isKey = (name: string, legal: RegExp): boolean => legal.test(name) && name !== '__proto__';

/** True when all names are keys and differ, as those of most operations. */
function areKeys(named: readonly NamedArgument[], legal: RegExp): boolean {
  const names = new Set<string>();
  for (const { name } of named) {
    if (!isKey(name, legal)) return false;
    names.add(name);
  }
  return names.size === named.length;
}

function withLocation({ name, location }: NamedArgument): string {
  const suffix = `__${location}`;
  return `${name.slice(0, 64 - suffix.length)}${suffix}`;
}

function sanitise(item: NamedArgument, illegal: RegExp): string {
  const key = item.name.replace(illegal, '_').replace(/^_+|_+$/g, '');
  if (key === '') return hashed(item, 'argument');
  return key.length > 64 ? hashed(item, key) : key;
}

function hashed({ location, name }: NamedArgument, key: string): string {
  return `${key.slice(0, 55)}_${shortHash([location, name], 8)}`;
}
