import { Global, Module } from '@nestjs/common';
import { APP_CONFIG, AppConfig } from '../config/index.ts';
import { CacheStore } from './cache.ts';
import { MemoryCache } from './memory-cache.ts';
import { isTracing } from '../tracing/index.ts';
import { RedisCache } from './redis-cache.ts';
import { TracedCache } from './traced-cache.ts';

/** Provides the configured {@link CacheStore}: Redis where there is one, else memory. */
@Global()
@Module({
  providers: [
    {
      provide: CacheStore,
      inject: [APP_CONFIG],
      useFactory: ({ cacheRedis }: AppConfig) => {
        const store = cacheRedis ? new RedisCache(cacheRedis) : new MemoryCache();
        return isTracing() ? new TracedCache(store) : store;
      },
    },
  ],
  exports: [CacheStore],
})
export class CacheModule {}
