/** A counter after it was counted up, and the seconds until it starts anew. */
export interface Count {
  readonly count: number;
  readonly ttlSeconds: number;
}

/** Keeps ready JSON text for a while. A cache that fails costs time only: reads miss, writes are dropped. */
export abstract class CacheStore {
  abstract get(key: string): Promise<string | null>;
  abstract set(key: string, value: string, ttlSeconds: number): Promise<void>;
  /** Drops every key that starts with `prefix`. */
  abstract deletePrefix(prefix: string): Promise<void>;
  /**
   * Counts up a key that expires `ttlSeconds` after its first use; for rate limits. Without a promise where the counter is
   * in this process, since every request counts.
   */
  abstract increment(key: string, ttlSeconds: number): Count | Promise<Count>;
}
