import { describe, expect, it } from '@jest/globals';
import { readAllowedCores } from './cores.js';
import { busyShare, cpuOf, cpuOfTree, parseTimes, residentBytes } from './usage.js';

describe('what a process used', () => {
  it('is read behind a name with spaces and parentheses', () => {
    const stat = '4242 (node (a) b) S 17 1 1 0 -1 4194304 9 0 0 0 300 40 5 6 20 0 11 0 999 0 0';
    expect(parseTimes(stat)).toEqual({ parent: 17, own: 3_400_000, ended: 110_000 });
  });

  it('grows for this process when it computes, and counts in its tree', () => {
    const before = cpuOf(process.pid);
    const end = performance.now() + 100;
    while (performance.now() < end);
    const grown = cpuOf(process.pid) - before;
    expect(grown).toBeGreaterThanOrEqual(30_000);
    expect(cpuOfTree(process.pid)).toBeGreaterThanOrEqual(before + grown);
    expect(residentBytes(process.pid)).toBeGreaterThan(10_000_000);
  });

  it('is nothing for a process that is gone', () => {
    expect(cpuOf(2 ** 22 + 1)).toBe(0);
  });
});

describe('cores', () => {
  it('are busy for what was not idle', () => {
    expect(busyShare({ total: 100, idle: 50 }, { total: 300, idle: 100 })).toBe(0.75);
  });

  it('are those the process may use', () => {
    expect(readAllowedCores('Name:\tx\nCpus_allowed:\tf\nCpus_allowed_list:\t0-2,8\n')).toEqual([0, 1, 2, 8]);
    expect(readAllowedCores('Cpus_allowed_list:\t3\n')).toEqual([3]);
    expect(readAllowedCores('')).toEqual([]);
  });
});
