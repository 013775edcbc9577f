import 'reflect-metadata';
import { AppModule } from './app.module.ts';
import { ConfigError, loadConfig } from './platform/config/index.ts';
import { createApp } from './platform/http/create-app.ts';

try {
  const config = loadConfig();
  const app = await createApp(AppModule.forRoot(config), config);
  await app.listen(config.http.port, config.http.host);
  // Tells a parent process, if there is one, that requests are served.
  process.send?.({ kind: 'ready', url: await app.getUrl() });
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
