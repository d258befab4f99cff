import { threadTime } from '@gatehouse-mcp/testing';
import { describe, expect, it } from '@jest/globals';
import { cannotBacktrackFar, linearPattern } from './linear-pattern.js';

describe('patterns in linear time', () => {
  it.each(['^[-a-zA-Z0-9_]+$', '^(0|[1-9][0-9]*)$', '^\\d{4}-\\d{2}$', '[0-9]', '^#[0-9a-f]{6}$', '^.{0,10}$', '^(?:on|off)$', '^a\\.b?'])('%s is plain: the built-in engine takes it', (pattern) => {
    expect(cannotBacktrackFar(pattern)).toBe(true);
  });

  it.each(['^(a+)+$', '^(a|aa)+$', '(.*a){20}$', 'a+$', '^a*b*$', '^a|b+$', '^(a(b)*)*$', '(?=x)', '^(.+)\\1$', `^${'a'.repeat(300)}$`, '^[a|b]*(c)$'])('attack 35: %s is not', (pattern) => {
    expect(cannotBacktrackFar(pattern)).toBe(false);
  });

  it.each([
    ['^[-a-z_]+$', 'a-b', 'a b'],
    ['^(0|[1-9][0-9]*)$', '10', '01'],
    ['^[a-z]{2}$', 'ab', 'abc'],
    ['^.$', '😀', 'ab'],
    ['^\\$$', '$', 'a'],
    ['[0-9]', 'a1', 'a'],
    ['^(a+)+$', 'aaa', 'b'],
  ])('%s takes %s and not %s', (pattern, good, bad) => {
    expect(linearPattern(pattern).test(good)).toBe(true);
    expect(linearPattern(pattern).test(bad)).toBe(false);
  });

  it('attack 35: the slowest plain patterns stay quick for 100,000 characters', () => {
    const start = threadTime();
    for (const pattern of ['^a*a{200}b$', '^(a+x|a+y|a*z)$']) expect(linearPattern(pattern).test('a'.repeat(100_000))).toBe(false);
    expect(threadTime() - start).toBeLessThan(1_000);
  });
});
