import { describe, expect, it } from '@jest/globals';
import { canonicalize } from './canonicalize.js';

describe('canonicalize', () => {
  it('gives one text for every member order', () => {
    expect(canonicalize({ b: [1, { d: null, c: true }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":true,"d":null}]}');
    expect(canonicalize({ a: 'x', b: [1, { c: true, d: null }] })).toBe(canonicalize({ b: [1, { d: null, c: true }], a: 'x' }));
  });

  it('sorts the names of RFC 8785 section 3.2.3 by UTF-16 code units', () => {
    const names = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 };
    expect(JSON.parse(`[${canonicalize(names).slice(1, -1).replaceAll(/"[^"]*":/g, '')}]`)).toEqual([2, 4, 6, 7, 1, 5, 3]);
  });

  it('writes numbers as RFC 8785 appendix B', () => {
    expect(canonicalize([-0, 1e21, 1e-7, Number('333333333.33333329'), 4.5, 2e-3])).toBe('[0,1e+21,1e-7,333333333.3333333,4.5,0.002]');
  });

  it('writes members that are sorted already exactly like the same members in any other order', () => {
    const sorted = { a: 'é\u2028"\\', b: 1.5e-9, c: [null, true, { x: 1, y: [] }], d: {} };
    const shuffled = { d: {}, c: [null, true, { y: [], x: 1 }], b: 1.5e-9, a: 'é\u2028"\\' };
    expect(canonicalize(sorted)).toBe(canonicalize(shuffled));
    expect(canonicalize({ '10': 1, '9': 2 })).toBe('{"10":1,"9":2}');
    expect(() => canonicalize({ a: 1, toJSON: () => 'forged' })).toThrow(TypeError);
    expect(canonicalize({ a: 1, toJSON: 'x' })).toBe('{"a":1,"toJSON":"x"}');
  });

  it('leaves out a member without a value, as JSON does', () => {
    expect(canonicalize({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [1n], [undefined], [() => 1], [new Date()], [['\ud800']], [[undefined]], [new Map()]])(
    'refuses what JSON cannot carry faithfully: %p',
    (value) => {
      expect(() => canonicalize(value)).toThrow(TypeError);
    },
  );
});
