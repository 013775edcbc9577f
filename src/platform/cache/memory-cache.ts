import { CacheStore, Count } from './cache.ts';

interface Entry {
  value: string;
  expiresAt: number;
}

/** Cache inside the process, for one machine without Redis; bounded, oldest entries leave first. */
export class MemoryCache extends CacheStore {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly maxEntries = 20_000,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  async get(key: string): Promise<string | null> {
    return this.live(key)?.value ?? null;
  }

  async set(key: string, value: string, ttlSeconds: number): Promise<void> {
    this.entries.delete(key);
    this.entries.set(key, { value, expiresAt: this.now() + ttlSeconds * 1000 });
    if (this.entries.size > this.maxEntries) this.entries.delete(this.entries.keys().next().value as string);
  }

  async deletePrefix(prefix: string): Promise<void> {
    for (const key of this.entries.keys()) if (key.startsWith(prefix)) this.entries.delete(key);
  }

  override increment(key: string, ttlSeconds: number): Count {
    const entry = this.live(key);
    if (!entry) {
      void this.set(key, '1', ttlSeconds);
      return { count: 1, ttlSeconds };
    }
    entry.value = String(Number(entry.value) + 1);
    return { count: Number(entry.value), ttlSeconds: Math.max(1, Math.ceil((entry.expiresAt - this.now()) / 1000)) };
  }

  private live(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    if (entry && entry.expiresAt <= this.now()) {
      this.entries.delete(key);
      return undefined;
    }
    return entry;
  }
}
