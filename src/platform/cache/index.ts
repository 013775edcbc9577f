export { CacheStore } from './cache.ts';
export type { Count } from './cache.ts';
export { CacheModule } from './cache.module.ts';
export { MemoryCache } from './memory-cache.ts';
export { SingleFlight } from './single-flight.ts';
