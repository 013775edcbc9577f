import { CacheStore, MemoryCache } from '../cache/index.ts';

/** How long it is known what a user wrote: much longer than a replica may be behind and still be used. */
const TTL_SECONDS = 120;

/**
 * Up to which position in the write-ahead log each user has to see everything: what they wrote, and what they were told.
 * Kept in this process and in the cache that all share; without the latter another process may answer from before.
 */
export class WriteMarks {
  private readonly own = new MemoryCache();

  constructor(private readonly shared: CacheStore) {}

  async set(userId: string, position: number): Promise<void> {
    const key = keyOf(userId);
    // Of two requests at once the earlier may come last.
    const latest = String(Math.max(position, await this.get(userId)));
    await this.own.set(key, latest, TTL_SECONDS);
    await this.shared.set(key, latest, TTL_SECONDS);
  }

  /** 0 where nothing is known. */
  async get(userId: string): Promise<number> {
    const key = keyOf(userId);
    const known = await Promise.all([this.own.get(key), this.shared.get(key)]);
    return Math.max(0, ...known.map((text) => Number(text ?? 0)));
  }
}

const keyOf = (userId: string) => `written:${userId}`;
