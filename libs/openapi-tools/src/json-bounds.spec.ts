import { describe, expect, it } from '@jest/globals';
import { assert, json, property } from 'fast-check';
import { findExcess } from './json-bounds.js';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const object = (members: number) => `{${Array.from({ length: members }, (_, n) => `"k${n}":1`).join(',')}}`;

describe('a JSON text', () => {
  it('has a bound of nesting, members and values, exact at each', () => {
    for (const text of [nested(100), nested(100).repeat(3), object(25_000), `[${'1,'.repeat(100_000)}1]`]) expect(findExcess(text)).toBeUndefined();
    expect(findExcess(nested(101))).toContain('more than 100 levels');
    expect(findExcess(object(25_001))).toContain('more than 25000 members');
    expect(findExcess(`[${'1,'.repeat(100_001)}1]`)).toContain('more than 100000 values');
  });

  it('has a bound of the digits of a number, which cost more than their count to read and to write', () => {
    for (const text of [`[${'9'.repeat(1_000)},${'9'.repeat(1_000)}]`, `{"a":-0.${'1'.repeat(1_000)}e1}`, `{"a":"${'9'.repeat(2_000)}"}`]) expect(findExcess(text)).toBeUndefined();
    for (const text of ['9'.repeat(1_001), `{"a":[-${'9'.repeat(1_001)}]}`]) expect(findExcess(text)).toContain('more than 1000 digits');
  });

  it('has a bound of integers that are kept exactly, which fractions are not', () => {
    const list = (count: number, number: string) => `[${Array.from({ length: count }, () => number).join(',')}]`;
    for (const text of [list(5_000, '-1234567890123456'), list(50_000, '0.12345678901234567'), list(50_000, '123456789012345')]) expect(findExcess(text)).toBeUndefined();
    expect(findExcess(list(5_001, '1234567890123456'))).toContain('more than 5000 integers');
  });

  it('may say anything in its strings', () => {
    for (const inside of ['['.repeat(500), '\\"['.repeat(500), '\\\\', `${'\\\\'.repeat(3)}`, ':'.repeat(30_000), ','.repeat(200_000)]) {
      expect(findExcess(`{"a":"${inside}","b":"]"}`)).toBeUndefined();
      expect(findExcess(`{"a":"${inside}","b":${nested(200)}}`)).toContain('levels');
    }
  });

  it('that ends in the middle of a string is the parser\'s to refuse', () => {
    for (const text of ['{"a', '{"a\\', '{"a\\"', '"']) expect(findExcess(text)).toBeUndefined();
  });

  it('of any plain shape passes', () => {
    assert(property(json({ maxDepth: 5 }), (text) => expect(findExcess(text)).toBeUndefined()));
  });
});
