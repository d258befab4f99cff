import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';
import { hasRedis, TestRedis } from '../tools/redis.js';

const LIMIT = 10;

(hasRedis ? describe : describe.skip)(`limits that replicas count together in Redis${hasRedis ? '' : ' (skipped: redis-server is not installed)'}`, () => {
  let redis: TestRedis;
  let gateway: TestGateway;
  let replica: Awaited<ReturnType<TestGateway['replica']>>;
  let count = 0;

  beforeAll(async () => {
    redis = await TestRedis.start();
    gateway = await startGateway({
      secrets: { REDIS_URL: redis.url },
      change: (settings) => {
        settings['redis'] = { url: 'env:REDIS_URL' };
        settings['limits'] = { perCaller: { requests: LIMIT, window: '1h' } };
      },
    });
    replica = await gateway.replica();
    // Both have heard of each other.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
  }, 60_000);
  afterAll(async () => {
    await replica.stop();
    await gateway.stop();
    await redis.stop();
  });

  /** How many of so many requests of one new caller are admitted, by turns at these replicas. */
  async function admitted(requests = 3 * LIMIT, urls = [gateway.url, replica.url]): Promise<number> {
    const token = await gateway.token({ sub: `caller-${count++}` });
    let passed = 0;
    for (let index = 0; index < requests; index += 1) {
      const response = await fetch(`${urls[index % urls.length]}/mcp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${token}` },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'items_getItem', arguments: { id: 'x' } } }),
      });
      expect([200, 429]).toContain(response.status);
      passed += response.status === 200 ? 1 : 0;
    }
    return passed;
  }

  it('are one limit for all replicas', async () => {
    expect(await admitted()).toBe(LIMIT);
  }, 30_000);

  it('are each replica\'s share while Redis is down, and one limit again when it is back', async () => {
    await redis.kill();
    expect(await admitted()).toBe(LIMIT);
    // One replica alone has its share and no more.
    expect(await admitted(LIMIT, [gateway.url])).toBe(LIMIT / 2);
    await redis.resume();
    // Each replica finds it again in its own time.
    const until = Date.now() + 10_000;
    for (const url of [gateway.url, replica.url]) {
      let passed = 0;
      while (passed < LIMIT && Date.now() < until) passed = await admitted(LIMIT, [url]);
      // More than a share at one replica: it is counted together again.
      expect(passed).toBe(LIMIT);
    }
    expect(await admitted()).toBe(LIMIT);
  }, 60_000);

  it('cost a request little while Redis hangs', async () => {
    redis.freeze();
    try {
      const startedAt = performance.now();
      expect(await admitted(10)).toBe(LIMIT);
      expect(performance.now() - startedAt).toBeLessThan(10 * 250);
    } finally {
      redis.thaw();
    }
  }, 30_000);
});
