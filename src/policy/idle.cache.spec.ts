import { describe, expect, it } from '@jest/globals';
import { IdleCache } from './idle.cache.js';

function create(capacity = 10) {
  const clock = { now: 0 };
  const cache = new IdleCache<number>({ capacity, weigh: (value) => value, idleMs: 100, now: () => clock.now });
  return { cache, clock };
}

describe('an idle cache', () => {
  it('keeps what weighs no more than its capacity, and gives up what was used least recently', () => {
    const { cache } = create(10);
    for (const [key, weight] of Object.entries({ a: 4, b: 4 })) cache.add(key, weight);
    cache.find('a');
    cache.add('c', 4);
    expect([cache.find('a'), cache.find('b'), cache.find('c'), cache.weight]).toEqual([4, undefined, 4, 8]);
  });

  it('keeps the newest value whatever it weighs', () => {
    const { cache } = create(10);
    cache.add('a', 4);
    cache.add('b', 50);
    expect([cache.size, cache.find('b')]).toEqual([1, 50]);
    cache.add('c', 1);
    expect([cache.find('b'), cache.find('c'), cache.weight]).toEqual([undefined, 1, 1]);
  });

  it('weighs a value that takes the place of another once', () => {
    const { cache } = create(10);
    cache.add('a', 4);
    cache.add('a', 5);
    expect([cache.size, cache.weight]).toEqual([1, 5]);
  });

  it('drops what nobody used for the idle time, and nothing else', () => {
    const { cache, clock } = create();
    cache.add('a', 1);
    cache.add('b', 1);
    clock.now = 60;
    cache.find('a');
    clock.now = 120;
    cache.sweep();
    expect([cache.find('a'), cache.find('b'), cache.weight]).toEqual([1, undefined, 1]);
    clock.now = 220;
    cache.sweep();
    expect(cache.size).toBe(0);
  });
});
