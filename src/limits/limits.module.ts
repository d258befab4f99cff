import { type DynamicModule, Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import type { Redis } from 'ioredis';
import { LiveConfiguration } from '../config/live-configuration.js';
import { CounterStorage } from './counter.storage.js';
import { REDIS } from './redis.module.js';
import { SharedCounterStorage } from './shared-counter.storage.js';

/** Replicas count together where there is Redis; without it each counts by itself. */
const throttler: DynamicModule = ThrottlerModule.forRootAsync({
  inject: [LiveConfiguration, REDIS],
  useFactory: (live: LiveConfiguration, redis: Redis | undefined) => ({
    storage: redis ? new SharedCounterStorage(redis) : new CounterStorage(),
    setHeaders: false,
    throttlers: [
      {
        limit: () => live.current.settings.limits.perCaller.requests,
        ttl: () => live.current.settings.limits.perCaller.window,
      },
    ],
  }),
});

@Module({ imports: [throttler], exports: [throttler] })
export class LimitsModule {}
