import { Logger, OnModuleDestroy } from '@nestjs/common';
import { Cluster, Redis } from 'ioredis';
import type { RedisAddress } from '../config/index.ts';
import { observeBreakers } from '../metrics/metrics.ts';
import { connectCluster } from '../redis/index.ts';
import { Breaker } from './breaker.ts';
import { CacheStore, Count } from './cache.ts';
import { MemoryCache } from './memory-cache.ts';

/** Longest a request waits for Redis before it goes on without. */
const COMMAND_TIMEOUT_MS = 100;
/** Silence of a cluster's node that owes answers, after which its connection is taken for dead. */
const SILENCE_MS = 2_000;
/** Pause before a command whose node has gone is tried again, and tries: few, since callers do not wait for long. */
const RETRY_MS = 20;
const MOST_TRIES = 4;

/** In one command on one key, so that a counter never stays without an end and a cluster knows which node has it. */
const INCREMENT = `
local count = redis.call('INCR', KEYS[1])
local ttl = redis.call('TTL', KEYS[1])
if ttl < 0 then
  redis.call('EXPIRE', KEYS[1], ARGV[1])
  ttl = tonumber(ARGV[1])
end
return { count, ttl }`;

function connect(address: RedisAddress): Redis | Cluster {
  // What cannot be sent now fails at once: nobody waits for it.
  if (address.cluster) {
    return connectCluster(address, {
      enableOfflineQueue: false,
      maxRedirections: MOST_TRIES,
      retryDelayOnFailover: RETRY_MS,
      retryDelayOnClusterDown: RETRY_MS,
      redisOptions: { commandTimeout: COMMAND_TIMEOUT_MS, socketTimeout: SILENCE_MS },
    });
  }
  return new Redis(address.urls[0], {
    commandTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (attempt) => Math.min(attempt * 200, 5000),
  });
}

/**
 * Cache on Redis, shared by all processes. When Redis is away or slow, reads miss and counters fall back to this
 * process's memory, so that Redis down costs speed and never an answer; after a few failures nobody waits for it any more.
 */
export class RedisCache extends CacheStore implements OnModuleDestroy {
  private readonly logger = new Logger(RedisCache.name);
  private readonly redis: Redis | Cluster;
  private readonly fallback = new MemoryCache();
  private readonly breaker = new Breaker();
  private away = false;

  constructor(address: RedisAddress) {
    super();
    this.redis = connect(address);
    observeBreakers('cache', () => new Map([['cache', this.breaker.open]]));
    this.redis.on('error', (error: Error) => {
      if (!this.away) this.logger.warn(`Redis cache is away: ${error.message}`);
      this.away = true;
    });
    this.redis.on('ready', () => (this.away = false));
  }

  async get(key: string): Promise<string | null> {
    return this.breaker.run(() => this.redis.get(key));
  }

  async set(key: string, value: string, ttlSeconds: number): Promise<void> {
    await this.breaker.run(() => this.redis.set(key, value, 'EX', ttlSeconds));
  }

  async deletePrefix(prefix: string): Promise<void> {
    const pattern = `${prefix.replace(/[[\]*?\\]/g, '\\$&')}*`;
    const nodes = this.redis instanceof Cluster ? this.redis.nodes('master') : [this.redis];
    // Where it fails, entries expire by themselves; whoever needs them gone at once puts the run into the key.
    await Promise.allSettled(nodes.map((node) => this.deleteMatching(node, pattern)));
  }

  async increment(key: string, ttlSeconds: number): Promise<Count> {
    const counted = await this.breaker.run(async () => {
      const [count, ttl] = (await this.redis.eval(INCREMENT, 1, key, ttlSeconds)) as [number, number];
      return { count, ttlSeconds: Math.max(1, ttl) };
    });
    return counted ?? this.fallback.increment(key, ttlSeconds);
  }

  async onModuleDestroy(): Promise<void> {
    this.redis.disconnect();
  }

  private async deleteMatching(node: Redis, pattern: string): Promise<void> {
    let cursor = '0';
    do {
      const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
      cursor = next;
      if (this.redis instanceof Cluster) {
        // The keys of a node lie in many slots, and one that is being moved is another node's already.
        const cluster = this.redis;
        await Promise.all(keys.map((key) => cluster.unlink(key)));
      } else if (keys.length) await this.redis.unlink(...keys);
    } while (cursor !== '0');
  }
}
