import { createServer, Server } from 'node:http';
import { metrics } from './metrics.ts';

/**
 * Serves `/health` and `/metrics` of this process without a token, for probes and scrapers on a network that no client
 * reaches. Does not keep the process from ending.
 * @param port 0 = any free one
 */
export function serveInside(port: number, host: string): Server {
  const server = createServer((request, response) => {
    if (request.url === '/health') response.setHeader('content-type', 'application/json').end('{"status":"ok"}');
    else if (request.url === '/metrics') {
      void metrics.metrics().then((text) => response.setHeader('content-type', metrics.contentType).end(text));
    } else response.writeHead(404).end();
  });
  server.listen(port, host);
  return server.unref();
}
