import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { UserCache } from '../catalog/native/native.definitions.js';
import type { CallContext } from '../context/call-context.js';
import { REDIS } from '../limits/redis.module.js';
import { IdleCache } from '../policy/idle.cache.js';

/** Characters of all values that a replica keeps by itself; the least recently used go first. */
const CAPACITY = 32 * 1024 * 1024;
/** Longest text of one value. */
const LARGEST = 1024 * 1024;
/** Longest that anything is kept, in milliseconds. */
const LONGEST = 24 * 60 * 60_000;

interface Kept {
  readonly json: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** What entries written in TypeScript keep for a while, by tenant, user and group: in Redis where there is one, so that replicas share it, else in this process. */
@Injectable()
export class CallCache {
  readonly #kept = new IdleCache<Kept>({ capacity: CAPACITY, weigh: ({ json }) => json.length, idleMs: LONGEST });

  constructor(@Inject(REDIS) private readonly redis: Redis | undefined) {}

  /** @param group of the entries that share what is kept */
  of({ tenant, caller }: Pick<CallContext, 'tenant' | 'caller'>, group: string): UserCache {
    // Keys name people, so Redis sees their hash.
    const keyOf = (key: string) => `gatehouse:cache:${hash('sha256', JSON.stringify([tenant.id, caller.issuer, caller.subject, group, key]), 'base64url')}`;
    return {
      get: async (key) => {
        const json = await this.#read(keyOf(key));
        return json === undefined ? undefined : JSON.parse(json);
      },
      set: async (key, value, ttl) => {
        const json: string | undefined = JSON.stringify(value);
        if (json === undefined) throw new TypeError(`JSON cannot write the value of "${key}"`);
        if (!(ttl > 0)) throw new RangeError(`the time for "${key}" is no number of milliseconds`);
        if (json.length > LARGEST) throw new RangeError(`the value of "${key}" is longer than ${LARGEST} characters`);
        await this.#write(keyOf(key), json, Math.min(ttl, LONGEST));
      },
      delete: (key) => this.#delete(keyOf(key)),
    };
  }

  async #read(key: string): Promise<string | undefined> {
    if (this.redis) return (await this.#ask((redis) => redis.get(key))) ?? undefined;
    const kept = this.#kept.find(key);
    return kept && kept.until > Date.now() ? kept.json : undefined;
  }

  async #write(key: string, json: string, ttl: number): Promise<void> {
    if (this.redis) await this.#ask((redis) => redis.set(key, json, 'PX', Math.ceil(ttl)));
    else this.#kept.add(key, { json, until: Date.now() + ttl });
  }

  async #delete(key: string): Promise<void> {
    if (!this.redis) return this.#kept.delete(key);
    // What could not be deleted would come back.
    await this.redis.del(key);
  }

  /** A cache that is away has forgotten everything. */
  async #ask<T>(ask: (redis: Redis) => Promise<T>): Promise<T | undefined> {
    try {
      return this.redis && (await ask(this.redis));
    } catch {
      // The connection says why, once.
      return undefined;
    }
  }
}
