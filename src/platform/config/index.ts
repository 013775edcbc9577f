export { APP_CONFIG, loadConfig, localDataDir } from './config.ts';
export type { AppConfig } from './config.ts';
export { ConfigModule } from './config.module.ts';
export { ConfigError } from './environment.ts';
