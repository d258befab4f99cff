import { hash, randomUUID } from 'node:crypto';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import type { Redis } from 'ioredis';
import { CounterStorage } from './counter.storage.js';

type Count = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** Milliseconds for which a Redis that failed is left alone, so that one that hangs costs one request in a while. */
const PAUSE_MS = 1_000;
const HEARTBEAT_MS = 2_000;
/** A replica that was silent for so long is gone. */
const SILENCE_MS = 10_000;

/** A fixed window: its hits, and the milliseconds until it ends. A window without an end, of whatever origin, gets one. */
const COUNT = `
local hits = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {hits, left}`;

/** Says that a replica lives, by Redis's own clock; how many do. */
const LIVE = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZADD', KEYS[1], ms, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])`;

const REPLICAS = 'gatehouse:replicas';

/** Windows that all replicas count together. While Redis is away each counts its share of the limit by itself: never more, and never without one. */
export class SharedCounterStorage implements ThrottlerStorage, OnApplicationShutdown {
  readonly #local = new CounterStorage();
  readonly #id = randomUUID();
  readonly #heartbeat: NodeJS.Timeout;
  #replicas = 1;
  /** Monotonic milliseconds. */
  #askAgainAt = 0;

  constructor(private readonly redis: Redis) {
    const live = () => void this.#sayAlive();
    redis.on('ready', live);
    if (redis.status === 'ready') live();
    this.#heartbeat = setInterval(live, HEARTBEAT_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#heartbeat);
    await this.redis.zrem(REPLICAS, this.#id).catch(() => undefined);
    this.redis.disconnect();
  }

  /** @param ttl length of the window in milliseconds @returns times in seconds, as the throttler wants them */
  async increment(key: string, ttl: number, limit: number): Promise<Count> {
    const shared = performance.now() < this.#askAgainAt ? undefined : await this.#count(key, ttl);
    if (!shared) return this.#local.increment(key, ttl, Math.ceil(limit / this.#replicas));
    const [hits, left] = shared;
    const seconds = Math.ceil(left / 1_000);
    const isBlocked = hits > limit;
    return { totalHits: hits, timeToExpire: seconds, isBlocked, timeToBlockExpire: isBlocked ? seconds : 0 };
  }

  /** Keys name people, so Redis sees their hash. */
  async #count(key: string, ttl: number): Promise<readonly [hits: number, left: number] | undefined> {
    try {
      const answer: unknown = await this.redis.eval(COUNT, 1, `gatehouse:limit:${ttl}:${hash('sha256', key, 'base64url')}`, ttl);
      if (Array.isArray(answer) && typeof answer[0] === 'number' && typeof answer[1] === 'number') return [answer[0], answer[1]];
    } catch {
      // The connection says why, once.
    }
    this.#askAgainAt = performance.now() + PAUSE_MS;
    return undefined;
  }

  /** What was heard last holds while Redis is away. */
  async #sayAlive(): Promise<void> {
    try {
      const count: unknown = await this.redis.eval(LIVE, 1, REPLICAS, this.#id, SILENCE_MS);
      if (typeof count === 'number' && count > 0) this.#replicas = count;
    } catch {
      // The next beat tries again.
    }
  }
}
