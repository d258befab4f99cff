import { describe, expect, it } from '@jest/globals';
import { canonicalText, parseArguments, typeOf, writeJson } from './json.js';

describe('W16: JSON with all digits', () => {
  it.each(['{"id":9007199254740993}', '[12345678901234567890,-12345678901234567890]', '{"__proto__":12345678901234567890}', '"12345678901234567890"', '9007199254740991', '{"a":0.1,"b":1e3}'])('%s survives reading and writing', (text) => {
    expect(writeJson(parseArguments(text))).toBe(text === '{"a":0.1,"b":1e3}' ? '{"a":0.1,"b":1000}' : text);
  });

  it('only what a double cannot hold becomes a bigint', () => {
    expect(parseArguments('[9007199254740991,9007199254740992,1e20,0.125]')).toEqual([9007199254740991, 9007199254740992n, 1e20, 0.125]);
    expect([typeOf(9007199254740993n), canonicalText({ b: 2n, a: [1n] })]).toEqual(['integer', '{"a":[1],"b":2}']);
  });

  it('text that is no JSON is a SyntaxError either way', () => {
    for (const text of ['{', '{"a":12345678901234567890', '']) expect(() => parseArguments(text)).toThrow(SyntaxError);
  });
});
