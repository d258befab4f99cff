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

  /** How many of so many requests of one new caller are admitted, by turns at both replicas. */
  async function admitted(requests = 3 * LIMIT): Promise<number> {
    const token = await gateway.token({ sub: `caller-${count++}` });
    let passed = 0;
    for (let index = 0; index < requests; index += 1) {
      const url = index % 2 === 0 ? gateway.url : replica.url;
      const response = await fetch(`${url}/mcp`, {
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
    const token = await gateway.token({ sub: 'alone' });
    const statuses: number[] = [];
    for (let index = 0; index < LIMIT; index += 1) statuses.push((await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token })).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(LIMIT / 2);
    await redis.resume();
    const until = Date.now() + 10_000;
    let shared = false;
    while (!shared && Date.now() < until) {
      const one = await gateway.token({ sub: `back-${count++}` });
      const passed: number[] = [];
      for (let index = 0; index < LIMIT; index += 1) passed.push((await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token: one })).status);
      // More than a share at one replica: it is counted together again.
      shared = passed.every((status) => status === 200);
    }
    expect(shared).toBe(true);
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
