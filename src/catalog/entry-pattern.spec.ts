import { describe, expect, it } from '@jest/globals';
import { compilePatterns, matchesPattern } from './entry-pattern.js';

describe('a pattern', () => {
  it.each([
    ['orders.list', 'orders.list', true],
    ['orders.list', 'orders.listAll', false],
    ['orders.*', 'orders.list', true],
    ['orders.*', 'ordersXlist', false],
    ['*', 'orders.list', true],
    ['**', 'orders.list', true],
    ['*.list', 'orders.list', true],
    ['*.list', 'orders.listAll', false],
    ['o*s.l*', 'orders.list', true],
    ['o*s.l*t', 'orders.lists', false],
    ['orders.list*', 'orders.list', true],
    ['o[r]ders.*', 'orders.list', false],
    ['', 'orders.list', false],
    ['', '', true],
  ])('%j names %j: %s', (pattern, path, isNamed) => {
    expect(matchesPattern(pattern, path)).toBe(isNamed);
  });

  it('of several is enough, and none names nothing', () => {
    const isNamed = compilePatterns(['a.x', 'b.*', '*.z']);
    expect(['a.x', 'b.y', 'c.z', 'a.y'].map(isNamed)).toEqual([true, true, true, false]);
    expect(compilePatterns([])('a.x')).toBe(false);
  });
});
