import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ConfigError, loadConfig } from './platform/config/index.ts';
import { JsonLogger } from './platform/logging/logger.ts';
import { serveInside } from './platform/metrics/inside-server.ts';
import { endInTime } from './platform/shutdown-deadline.ts';
import { startTracing } from './platform/tracing/index.ts';
import { WorkerModule } from './worker.module.ts';

try {
  const config = loadConfig();
  await startTracing(config.tracing, 'worker');
  const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(config), {
    logger: new JsonLogger(config.logLevel, 'worker'),
    abortOnError: false,
  });
  // Ends with 0: told to end, it did so in order.
  app.enableShutdownHooks([], { useProcessExit: true });
  endInTime(config.shutdownMs);
  serveInside(config.http.workerPort, config.http.host);
  // Without the launcher that started it, a child process must not go on holding the port.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.send?.({ kind: 'ready' });
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
