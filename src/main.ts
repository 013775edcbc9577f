import 'reflect-metadata';
import { AppModule } from './app.module.ts';
import { ConfigError, loadConfig } from './platform/config/index.ts';
import { createApp } from './platform/http/create-app.ts';
import { serveInside } from './platform/metrics/inside-server.ts';
import { endInTime } from './platform/shutdown-deadline.ts';
import { startTracing } from './platform/tracing/index.ts';

try {
  const config = loadConfig();
  await startTracing(config.tracing, 'api');
  const app = await createApp(AppModule.forRoot(config), config);
  endInTime(config.shutdownMs);
  if (config.http.metricsPort !== null) serveInside(config.http.metricsPort, config.http.host);
  await app.listen(config.http.port, config.http.host);
  // Tells a parent process, if there is one, that requests are served.
  // Without the launcher that started it, a child process must not go on holding the port.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.send?.({ kind: 'ready', url: await app.getUrl() });
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
