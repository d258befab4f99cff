import type { Secret } from '@gatehouse-mcp/oauth';
import { type DynamicModule, Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { LiveConfiguration } from '../config/live-configuration.js';
import { CounterStorage } from './counter.storage.js';
import { connectRedis } from './redis.connection.js';
import { SharedCounterStorage } from './shared-counter.storage.js';

@Module({})
export class LimitsModule {
  /** @param redis where replicas count together; without it each counts by itself */
  static counting(redis: Secret | undefined): DynamicModule {
    const throttler = ThrottlerModule.forRootAsync({
      inject: [LiveConfiguration],
      useFactory: (live: LiveConfiguration) => ({
        storage: redis === undefined ? new CounterStorage() : new SharedCounterStorage(connectRedis(redis)),
        setHeaders: false,
        throttlers: [
          {
            limit: () => live.current.settings.limits.perCaller.requests,
            ttl: () => live.current.settings.limits.perCaller.window,
          },
        ],
      }),
    });
    return { module: LimitsModule, imports: [throttler], exports: [throttler] };
  }
}
