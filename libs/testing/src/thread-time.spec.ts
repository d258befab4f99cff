import { describe, expect, it } from '@jest/globals';
import { longestTurn, threadTime } from './thread-time.js';

function compute(ms: number): void {
  const until = threadTime() + ms;
  while (threadTime() < until);
}

const rest = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('the time of a thread', () => {
  it('goes on while it computes, and not while it waits', async () => {
    const start = threadTime();
    compute(50);
    expect(threadTime() - start).toBeGreaterThanOrEqual(50);
    const waiting = threadTime();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(threadTime() - waiting).toBeLessThan(500);
  });

  it('is that of the longest turn, wherever in the work it comes', async () => {
    for (const turns of [[100, 1, 1], [1, 100, 1], [1, 1, 100]]) {
      const longest = await longestTurn(async () => {
        for (const ms of turns) {
          await rest();
          compute(ms);
        }
      });
      expect(longest).toBeGreaterThanOrEqual(100);
    }
  });

  it('is not that of all turns together', async () => {
    const longest = await longestTurn(async () => {
      for (let turn = 0; turn < 20; turn += 1) {
        await rest();
        compute(50);
      }
    });
    expect(longest).toBeLessThan(500);
  });
});
