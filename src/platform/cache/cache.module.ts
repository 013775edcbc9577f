import { Global, Module } from '@nestjs/common';
import { APP_CONFIG, AppConfig } from '../config/index.ts';
import { CacheStore } from './cache.ts';
import { MemoryCache } from './memory-cache.ts';
import { RedisCache } from './redis-cache.ts';

/** Provides the configured {@link CacheStore}: Redis where there is one, else memory. */
@Global()
@Module({
  providers: [
    {
      provide: CacheStore,
      inject: [APP_CONFIG],
      useFactory: ({ cacheRedisUrl }: AppConfig) => (cacheRedisUrl ? new RedisCache(cacheRedisUrl) : new MemoryCache()),
    },
  ],
  exports: [CacheStore],
})
export class CacheModule {}
