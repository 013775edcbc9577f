import { DynamicModule, Global, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { IdempotencyInterceptor } from './idempotency.interceptor.ts';
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
      providers: [RateLimiter, IdempotencyStore, { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor }],
      exports: [RateLimiter],
    };
  }

  static forWorker(): DynamicModule {
    return { module: HttpModule, providers: [IdempotencyStore, IdempotencySweeper] };
  }
}
