import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { CounterStorage } from './counter.storage.js';

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the counters of the limits', () => {
  it('let the limit through and block what is above it until the window ends', async () => {
    const storage = new CounterStorage();
    const blocked = [];
    for (let hit = 0; hit < 5; hit++) blocked.push((await storage.increment('a', 10_000, 3)).isBlocked);
    expect(blocked).toEqual([false, false, false, true, true]);
    expect((await storage.increment('a', 10_000, 3)).timeToBlockExpire).toBe(10);
    expect((await storage.increment('b', 10_000, 3)).isBlocked).toBe(false);
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 10_001);
    expect((await storage.increment('a', 10_000, 3)).isBlocked).toBe(false);
  });

  it('are bounded: the oldest window goes first', async () => {
    const storage = new CounterStorage();
    for (let index = 0; index < 50_010; index++) await storage.increment(`${index}`, 10_000, 3);
    expect(storage.size).toBe(50_000);
  });
});
