export { APP_CONFIG, loadConfig, localSettings } from './config.ts';
export type { AppConfig, LocalSettings } from './config.ts';
export { ConfigModule } from './config.module.ts';
export { ConfigError } from './environment.ts';
