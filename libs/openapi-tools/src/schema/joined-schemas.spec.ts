import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../json.js';
import { JoinedSchemas } from './joined-schemas.js';

/** Schemas by name, what each joins, and which of them have a name (`named`) or a mark. */
function join(edges: Readonly<Record<string, readonly string[]>>, named: readonly string[] = Object.keys(edges), marked: readonly string[] = []) {
  const schemas = new Map(Object.keys(edges).map((name): [string, JsonObject] => [name, { name }]));
  const nameOf = (schema: JsonObject) => String(schema['name']);
  let steps = 0;
  const joins = new JoinedSchemas(
    (schema) => {
      steps += 1;
      return (edges[nameOf(schema)] ?? []).map((name) => schemas.get(name)).filter((joined) => joined !== undefined);
    },
    (schema) => ({ names: named.includes(nameOf(schema)) ? [nameOf(schema)] : [], isMarked: marked.includes(nameOf(schema)) }),
  );
  return {
    namesOf: (name: string) => [...joins.namesOf(schemas.get(name)!)].sort().join(''),
    isMarked: (name: string) => joins.isMarked(schemas.get(name)!),
    steps: () => steps,
  };
}

describe('joined schemas', () => {
  it('have the names of all that they join, at any depth and along every way', () => {
    const { namesOf } = join({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] });
    expect(['a', 'b', 'c', 'd'].map(namesOf)).toEqual(['abcd', 'bd', 'cd', 'd']);
  });

  it('in a circle have the same names, whichever is asked first', () => {
    const edges = { a: ['b'], b: ['c', 'd'], c: ['a'], d: ['e'], e: ['d'], f: ['a'] };
    for (const first of Object.keys(edges)) {
      const { namesOf } = join(edges);
      namesOf(first);
      expect(Object.keys(edges).map(namesOf)).toEqual(['abcde', 'abcde', 'abcde', 'de', 'de', 'abcdef']);
    }
  });

  it('are marked when one of them is', () => {
    const { isMarked } = join({ a: ['b'], b: ['c'], c: [], d: ['d'] }, [], ['b']);
    expect(['a', 'b', 'c', 'd'].map(isMarked)).toEqual([true, true, false, false]);
  });

  it('in a chain of 20,000 are read once each, whoever asks', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `n${index}`);
    const { namesOf, isMarked, steps } = join(Object.fromEntries(names.map((name, index) => [name, [`n${index + 1}`]])), ['n19999'], ['n19999']);
    expect(names.every((name) => namesOf(name) === 'n19999' && isMarked(name))).toBe(true);
    expect(steps()).toBe(names.length);
  });
});
