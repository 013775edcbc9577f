import type { FastifyInstance } from 'fastify';
import { enterRequest } from '../tracing/index.ts';

/** Asked for again and again by machines; a trace would tell nothing. */
const UNTRACED = /^\/(health\/|metrics$)/;

/**
 * Opens a span for each request, by the template of its route and not its address, so that no id of anybody is in it. What
 * the request sets off runs inside.
 */
export function traceRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method, headers, routeOptions } = request;
    const route = routeOptions.url ?? 'unmatched';
    if (UNTRACED.test(route)) return done();
    const attributes = { 'http.request.method': method, 'http.route': route, 'url.scheme': request.protocol };
    enterRequest(headers, `${method} ${route}`, attributes, (span) => {
      // Comes after the last byte, and also when the client has gone.
      reply.raw.once('close', () => {
        const { statusCode } = reply;
        span.set({ 'http.response.status_code': statusCode });
        if (!reply.raw.writableFinished) span.fail({ name: 'aborted' });
        else if (statusCode >= 500) span.fail({ name: String(statusCode) });
        span.end();
      });
      done();
    });
  });
}
