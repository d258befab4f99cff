import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { hasRedis, TestRedis } from '../../test/tools/redis.js';
import type { CallContext } from '../context/call-context.js';
import { CallCache } from './call.cache.js';

/** What the cache reads of a call. */
const callOf = (subject: string, tenant = 't1', issuer = 'https://a') => ({ tenant: { id: tenant }, caller: { issuer, subject } }) as unknown as CallContext;
const alice = callOf('alice');

describe('a cache of one replica', () => {
  const cache = new CallCache(undefined);

  it.each([
    ['another user', callOf('bob'), 'notes'],
    ['the same subject of another issuer', callOf('alice', 't1', 'https://b'), 'notes'],
    ['another tenant', callOf('alice', 't2'), 'notes'],
    ['another group', alice, 'crm'],
  ])('has nothing of it for %s', async (_, call, group) => {
    await cache.of(alice, 'notes').set('k', { of: 'alice' }, 60_000);
    expect(await cache.of(call, group).get('k')).toBeUndefined();
    expect(await cache.of(alice, 'notes').get('k')).toEqual({ of: 'alice' });
  });

  it('forgets a value when its time is up, or it is deleted', async () => {
    const own = cache.of(alice, 'notes');
    await own.set('short', 1, 5);
    await own.set('gone', 1, 60_000);
    await own.delete('gone');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([await own.get('short'), await own.get('gone')]).toEqual([undefined, undefined]);
  });

  it.each([
    ['no JSON', undefined, 1_000, /JSON cannot write/],
    ['too long', 'x'.repeat(2_000_000), 1_000, /longer than/],
    ['for no time', 1, Number.NaN, /no number of milliseconds/],
    ['for less than no time', 1, -1, /no number of milliseconds/],
  ])('refuses a value that is %s', async (_, value, ttl, message) => {
    await expect(cache.of(alice, 'notes').set('k', value, ttl)).rejects.toThrow(message);
  });

  it('is bounded, whoever fills it', async () => {
    const text = 'x'.repeat(1_000_000);
    for (let user = 0; user < 40; user += 1) await cache.of(callOf(`u${user}`), 'notes').set('k', text, 60_000);
    const kept = await Promise.all(Array.from({ length: 40 }, (_, user) => cache.of(callOf(`u${user}`), 'notes').get('k')));
    expect(kept.filter((value) => value !== undefined).length).toBeLessThanOrEqual(33);
    expect(kept.at(-1)).toBe(text);
  });
});

(hasRedis ? describe : describe.skip)(`a cache in Redis${hasRedis ? '' : ' (skipped: redis-server is not installed)'}`, () => {
  let server: TestRedis;
  const connections: Redis[] = [];
  const connect = async () => {
    const redis = new Redis(server.url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 250, retryStrategy: () => 50 });
    redis.on('error', () => undefined);
    connections.push(redis);
    await new Promise((resolve) => redis.once('ready', resolve));
    return redis;
  };

  beforeAll(async () => {
    server = await TestRedis.start();
  });
  afterAll(async () => {
    for (const redis of connections) redis.disconnect();
    await server.stop();
  });

  it('is one for all replicas, has its end from Redis, and names nobody', async () => {
    const redis = await connect();
    await new CallCache(redis).of(alice, 'notes').set('k', [1, 'ä'], 60_000);
    const other = new CallCache(await connect()).of(alice, 'notes');
    expect(await other.get('k')).toEqual([1, 'ä']);
    const keys = await redis.keys('*');
    expect(keys).toEqual([expect.stringMatching(/^gatehouse:cache:[\w-]{43}$/)]);
    expect(await redis.pttl(keys[0] ?? '')).toBeGreaterThan(50_000);
    await other.delete('k');
    expect(await redis.keys('*')).toEqual([]);
  });

  it('that is away has forgotten everything, and is no reason for a call to fail; only a deletion must be certain', async () => {
    const redis = await connect();
    const cache = new CallCache(redis).of(alice, 'notes');
    await server.kill();
    expect(await cache.get('k')).toBeUndefined();
    await cache.set('k', 1, 1_000);
    await expect(cache.delete('k')).rejects.toThrow(/writeable|closed/);
    const isBack = new Promise((resolve) => redis.once('ready', resolve));
    await server.resume();
    await isBack;
    expect(await cache.get('k')).toBeUndefined();
  });
});
