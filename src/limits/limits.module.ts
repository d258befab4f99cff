import { Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { LiveConfiguration } from '../config/live-configuration.js';
import { CounterStorage } from './counter.storage.js';

@Module({
  imports: [
    ThrottlerModule.forRootAsync({
      inject: [LiveConfiguration],
      useFactory: (live: LiveConfiguration) => ({
        storage: new CounterStorage(),
        setHeaders: false,
        throttlers: [
          {
            limit: () => live.current.settings.limits.perCaller.requests,
            ttl: () => live.current.settings.limits.perCaller.window,
          },
        ],
      }),
    }),
  ],
  exports: [ThrottlerModule],
})
export class LimitsModule {}
