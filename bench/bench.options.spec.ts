import { describe, expect, it } from '@jest/globals';
import { BenchError } from './bench.error.js';
import { parseBenchOptions } from './bench.options.js';

describe('the options of the bench', () => {
  it('are five rounds of eight seconds with 32 connections in the modern era unless said otherwise', () => {
    expect(parseBenchOptions([])).toMatchObject({ rounds: 5, seconds: 8, connections: 32, era: 'modern', json: undefined });
    expect(parseBenchOptions(['--era', 'legacy', '--rounds', '2', '--json', 'x.json'])).toMatchObject({ rounds: 2, era: 'legacy', json: 'x.json' });
  });

  it.each([[['--era', 'both']], [['--rounds', '0']], [['--seconds', '1.5']], [['--connections', 'many']], [['--unknown']]])('refuses %j with one line', (args) => {
    expect(() => parseBenchOptions(args)).toThrow(BenchError);
  });
});
