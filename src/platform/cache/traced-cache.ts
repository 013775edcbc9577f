import { OnModuleDestroy } from '@nestjs/common';
import { traced } from '../tracing/index.ts';
import { CacheStore, Count } from './cache.ts';

/** A cache whose reads and writes are spans of what is under way. Keys stay out of them: they may name a user. */
export class TracedCache extends CacheStore implements OnModuleDestroy {
  constructor(private readonly store: CacheStore & Partial<OnModuleDestroy>) {
    super();
  }

  get(key: string): Promise<string | null> {
    return traced('internal', 'cache get', {}, async (span) => {
      const value = await this.store.get(key);
      span?.set({ 'cache.hit': value !== null });
      return value;
    });
  }

  set(key: string, value: string, ttlSeconds: number): Promise<void> {
    return traced('internal', 'cache set', {}, () => this.store.set(key, value, ttlSeconds));
  }

  deletePrefix(prefix: string): Promise<void> {
    return traced('internal', 'cache delete', {}, () => this.store.deletePrefix(prefix));
  }

  /** Every request counts, so this makes no span of its own; in Redis its command does. */
  override increment(key: string, ttlSeconds: number): Count | Promise<Count> {
    return this.store.increment(key, ttlSeconds);
  }

  async onModuleDestroy(): Promise<void> {
    await this.store.onModuleDestroy?.();
  }
}
