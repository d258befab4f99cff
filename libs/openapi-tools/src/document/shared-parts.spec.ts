import { describe, expect, it } from '@jest/globals';
import { RepairList } from '../repair.js';
import { SharedParts } from './shared-parts.js';

describe('shared parts', () => {
  const source = {};
  const read = (parts: SharedParts<object>, at: string) => {
    const repairs = new RepairList();
    const value = parts.read(source, at, repairs, (told, isKept) => {
      told.add('invalid-parameter', at, 'It is wrong.');
      return { isKept };
    });
    return { value, places: repairs.toArray().map((repair) => repair.at) };
  };

  it('are made once, their repairs told to each who reads them', () => {
    const parts = new SharedParts<object>();
    const [first, second] = [read(parts, '/a'), read(parts, '/a')];
    expect(second.value).toBe(first.value);
    expect(first.value).toEqual({ isKept: true });
    expect([first.places, second.places]).toEqual([['/a'], ['/a']]);
  });

  it('of one object at two places name their own place', () => {
    const parts = new SharedParts<object>();
    expect([read(parts, '/a').value, read(parts, '/b').value]).toEqual([{ isKept: true }, { isKept: false }]);
    expect([read(parts, '/a').places, read(parts, '/b').places, read(parts, '/a').places]).toEqual([['/a'], ['/b'], ['/a']]);
  });
});
