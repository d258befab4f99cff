import type { Secret } from '@gatehouse-mcp/oauth';
import { type DynamicModule, Module } from '@nestjs/common';
import { connectRedis } from './redis.connection.js';

/** `Redis | undefined`: the connection, where one is configured. */
export const REDIS = Symbol('redis');

/** Global: limits are counted there, and what may be forgotten is kept there. */
@Module({})
export class RedisModule {
  static at(url: Secret | undefined): DynamicModule {
    return { module: RedisModule, global: true, providers: [{ provide: REDIS, useFactory: () => url && connectRedis(url) }], exports: [REDIS] };
  }
}
