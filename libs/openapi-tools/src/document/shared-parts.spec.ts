import { describe, expect, it } from '@jest/globals';
import { RepairList } from '../repair.js';
import { SharedParts } from './shared-parts.js';

describe('shared parts', () => {
  const read = (parts: SharedParts<object>, part: object | string, at: string) => {
    const repairs = new RepairList();
    const value = parts.read(part, at, repairs, (told) => {
      told.add('invalid-parameter', '/schema', 'It is wrong.');
      return {};
    });
    return { value, places: repairs.toArray().map((repair) => repair.at) };
  };

  it('are made once, their repairs told to each who reads them', () => {
    const parts = new SharedParts<object>();
    const source = {};
    const [first, second] = [read(parts, source, '/a'), read(parts, source, '/a')];
    expect(second.value).toBe(first.value);
    expect([first.places, second.places]).toEqual([['/a/schema'], ['/a/schema']]);
  });

  it('of one object or one text at two places name their own place', () => {
    const parts = new SharedParts<object>();
    for (const part of [{}, '{}']) {
      const [first, second] = [read(parts, part, '/a'), read(parts, part, '/b')];
      expect(second.value).toBe(first.value);
      expect([first.places, second.places]).toEqual([['/a/schema'], ['/b/schema']]);
    }
  });

  it('of equal objects are made for each of them', () => {
    const parts = new SharedParts<object>();
    expect(read(parts, {}, '/a').value).not.toBe(read(parts, {}, '/a').value);
  });
});
