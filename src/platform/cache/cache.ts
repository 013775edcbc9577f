/** Keeps ready JSON text for a while. A cache that fails costs time only: reads miss, writes are dropped. */
export abstract class CacheStore {
  abstract get(key: string): Promise<string | null>;
  abstract set(key: string, value: string, ttlSeconds: number): Promise<void>;
  /** Drops every key that starts with `prefix`. */
  abstract deletePrefix(prefix: string): Promise<void>;
  /** Counts up a key that expires `ttlSeconds` after its first use; for rate limits. */
  abstract increment(key: string, ttlSeconds: number): Promise<{ count: number; ttlSeconds: number }>;
}
