export { APP_CONFIG, DATABASE_USERS, DEFAULT_GATE, DEFAULT_ROLLOUT, loadConfig, localSettings } from './config.ts';
export type { AppConfig, DatabaseUser, GateRules, LocalSettings, RolloutRules } from './config.ts';
export { ConfigModule } from './config.module.ts';
export { ConfigError } from './environment.ts';
export { OTHER_ZONE, ZONE } from './lake-config.ts';
export type { LakeBucket } from './lake-config.ts';
export type { RedisAddress } from './redis-config.ts';
export type { ModelSignal, SignalsConfig } from './signals-config.ts';
