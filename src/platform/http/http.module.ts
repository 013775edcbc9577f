import { DynamicModule, Global, Module } from '@nestjs/common';
import { IdempotencyKeeper } from './idempotency.keeper.ts';
import { IdempotencyStore } from './idempotency.store.ts';
import { IdempotencySweeper } from './idempotency.sweeper.ts';
import { RateLimiter } from './rate-limit.ts';

/** What holds for every request: rate limits and idempotent retries; in the worker, the sweeping of kept answers. */
@Global()
@Module({})
export class HttpModule {
  static forApi(): DynamicModule {
    return {
      module: HttpModule,
      providers: [RateLimiter, IdempotencyStore, IdempotencyKeeper],
      exports: [RateLimiter, IdempotencyKeeper],
    };
  }

  static forWorker(): DynamicModule {
    return { module: HttpModule, providers: [IdempotencyStore, IdempotencySweeper] };
  }
}
