import { describe, expect, it } from '@jest/globals';
import { UriGlob } from './uri.glob.js';

describe('the URIs of a template', () => {
  it.each([
    ['wiki://{id}', 'wiki://a', true],
    ['wiki://{id}', 'wiki:/a', false],
    ['wiki://page/{+path}', 'wiki://page/a/b', true],
    ['wiki://page/{+path}', 'wiki://pages', false],
    ['wiki://{a}/x/{b}', 'wiki://1/x/2', true],
    ['wiki://{a}/x/{b}', 'wiki://1/2', false],
    ['wiki://{a}.md', 'wiki://a.md', true],
    ['wiki://{a}.md', 'wiki://a.txt', false],
    ['wiki://a{?q,r}', 'wiki://a?q=1', true],
    // The end is no part of what an expression before it stands for.
    ['x:{a}aa{b}aa', 'x:aaa', false],
    ['wiki://fixed', 'wiki://fixed', true],
    ['wiki://fixed', 'wiki://fixed2', false],
  ])('%s: %s %s', (template, uri, expected) => {
    expect(new UriGlob(template).matches(uri)).toBe(expected);
  });

  it('are told in time that grows with the URI alone', () => {
    const glob = new UriGlob(`x:${'{a}a'.repeat(500)}b`);
    const startedAt = performance.now();
    expect(glob.matches(`x:${'a'.repeat(1_000_000)}`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(50);
  });
});
