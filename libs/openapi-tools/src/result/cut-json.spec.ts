import { assert, boolean, integer, jsonValue, property } from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { cutJson } from './cut-json.js';

describe('R07: JSON is shortened between items', () => {
  it('an array keeps its first items and says how many there are', () => {
    const json = JSON.stringify(Array.from({ length: 1_000 }, (_, id) => ({ id, name: `item ${id}` })));
    const cut = cutJson(json, 500);
    const kept: unknown = JSON.parse(cut.json);
    expect(cut.json.length).toBeLessThanOrEqual(500);
    expect(Array.isArray(kept) && kept.length).toBeGreaterThan(15);
    expect(cut.cuts).toEqual([{ path: '$', shown: Array.isArray(kept) ? kept.length : 0, total: 1_000, unit: 'items' }]);
  });

  it('small members beside the large one stay whole, digits included', () => {
    const json = `{"total": 12345678901234567890, "data": [${Array.from({ length: 500 }, () => '1.10').join(', ')}], "next": "abc"}`;
    const cut = cutJson(json, 200);
    expect(JSON.parse(cut.json)).toMatchObject({ next: 'abc' });
    expect(cut.json).toContain('"total":12345678901234567890');
    expect(cut.json).toContain('[1.10,1.10');
    expect(cut.cuts).toMatchObject([{ path: '$["data"]', total: 500, unit: 'items' }]);
  });

  it('one long string is shortened, never inside an escape or a surrogate pair', () => {
    for (const filler of ['a', '\u00e9', '"', '\\', '\n', '😀', '\u0001']) {
      for (let limit = 40; limit < 60; limit += 1) {
        const cut = cutJson(JSON.stringify({ text: filler.repeat(500) }), limit);
        const value: { text?: string } = JSON.parse(cut.json);
        expect(value.text?.isWellFormed()).toBe(true);
        expect(cut.cuts).toMatchObject([{ unit: 'characters' }]);
      }
    }
    const escaped = `"${'\\ud83d\\ude00'.repeat(50)}"`;
    for (let limit = 30; limit < 60; limit += 1) expect(JSON.parse(cutJson(escaped, limit).json).isWellFormed()).toBe(true);
  });

  it('an object of very many members keeps the first of them', () => {
    const cut = cutJson(JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, id) => [`member${id}`, id]))), 300);
    expect(Object.keys(JSON.parse(cut.json)).length).toBeGreaterThan(10);
    expect(cut.cuts).toMatchObject([{ path: '$', total: 5_000, unit: 'members' }]);
  });

  it('any depth is safe', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    expect(() => JSON.parse(cutJson(deep, 100).json)).not.toThrow();
  });

  it('whatever the value, the rest is valid JSON that fits, and what fits is untouched', () => {
    assert(
      property(jsonValue({ maxDepth: 6 }), integer({ min: 30, max: 400 }), boolean(), (value, limit, isSpaced) => {
        const json = JSON.stringify(value, null, isSpaced ? 2 : 0);
        const cut = cutJson(json, limit);
        expect(() => JSON.parse(cut.json)).not.toThrow();
        const fits = json.length <= limit;
        expect(cut.cuts.length === 0 && cut.json === json).toBe(fits);
        expect(cut.json.length).toBeLessThanOrEqual(limit + 30);
      }),
      { numRuns: 2_000 },
    );
  });
});
