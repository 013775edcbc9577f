import { ConfigError, Environment } from './environment.ts';
import { withPassword } from './with-password.ts';

/** Where a Redis is, passwords included. */
export interface RedisAddress {
  /** One server; of a cluster one node or some, which name the others. */
  readonly urls: readonly string[];
  /** Whether keys are spread over the nodes of a Redis Cluster. */
  readonly cluster: boolean;
}

/** The part of the configuration that is about Redis; null = there is none. */
export interface RedisConfig {
  /** Redis of the queues, which must not evict anything. */
  readonly redis: RedisAddress | null;
  /** Redis of cache and rate limits: better another database or server than the queues', so that it may be emptied. */
  readonly cacheRedis: RedisAddress | null;
}

/** A comma may be part of a password; one before another address is not. */
const BETWEEN_NODES = /\s*,\s*(?=rediss?:\/\/)/;

/** What all nodes of a cluster have in common, since those that are learned are spoken to likewise. */
const credentials = ({ protocol, username, password }: URL) => `${protocol}//${username}:${password}@`;

function checkNodes(name: string, urls: readonly string[]): void {
  const malformed = urls.some((url) => !URL.canParse(url));
  if (malformed) throw new ConfigError(`${name}: is malformed`);
  const nodes = urls.map((url) => new URL(url));
  if (nodes.some(({ pathname }) => !['', '/', '/0'].includes(pathname)))
    throw new ConfigError(`${name}: a cluster has one database, which is not chosen by number`);
  if (new Set(nodes.map(credentials)).size > 1)
    throw new ConfigError(`${name}: all nodes of a cluster have the same scheme, user and password`);
}

function addressOf(name: 'REDIS' | 'CACHE_REDIS', text: string, said: boolean | undefined, env: Environment) {
  const urls = text.split(BETWEEN_NODES).map((url) => withPassword('REDIS', url, env.REDIS_PASSWORD));
  const cluster = said ?? urls.length > 1;
  if (!cluster && urls.length > 1) throw new ConfigError(`${name}_URL: only a cluster has several nodes`);
  if (cluster) checkNodes(`${name}_URL`, urls);
  return { urls, cluster };
}

/**
 * Reads where the queues' Redis and the cache's are.
 * @throws ConfigError naming the variable that is malformed
 */
export function redisConfig(env: Environment): RedisConfig {
  const { REDIS_URL: url, REDIS_CLUSTER: cluster, CACHE_REDIS_URL: cacheUrl } = env;
  const redis = url ? addressOf('REDIS', url, cluster, env) : null;
  const cacheRedis = cacheUrl ? addressOf('CACHE_REDIS', cacheUrl, env.CACHE_REDIS_CLUSTER ?? cluster, env) : redis;
  return { redis, cacheRedis };
}
