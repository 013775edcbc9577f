import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { createServer } from 'node:http';
import { ConfigError, loadConfig } from './platform/config/index.ts';
import { JsonLogger } from './platform/logging/logger.ts';
import { metrics } from './platform/metrics/metrics.ts';
import { endInTime } from './platform/shutdown-deadline.ts';
import { WorkerModule } from './worker.module.ts';

try {
  const config = loadConfig();
  const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(config), {
    logger: new JsonLogger(config.logLevel, 'worker'),
    abortOnError: false,
  });
  app.enableShutdownHooks();
  endInTime();
  const server = createServer((request, response) => {
    if (request.url === '/health') response.setHeader('content-type', 'application/json').end('{"status":"ok"}');
    else if (request.url === '/metrics') {
      void metrics.metrics().then((text) => response.setHeader('content-type', metrics.contentType).end(text));
    } else response.writeHead(404).end();
  });
  server.listen(config.http.workerPort, config.http.host);
  server.unref();
  // Without the launcher that started it, a child process must not go on holding the port.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.send?.({ kind: 'ready' });
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
