import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { AppError } from './app-error.ts';

/** JSON lines: one JSON text a line (https://github.com/ndjson/ndjson-spec). */
export const JSON_LINES = 'application/x-ndjson';

/** What a route takes beyond small JSON bodies. */
interface BodyRules {
  readonly bodyLimitBytes: number;
  /** Whether JSON lines are taken, and handed to the route as they came. */
  readonly jsonLines: boolean;
}

/** Lets a route take larger bodies than others, and JSON lines, which arrive as a Buffer. */
export const TakesBody = (rules: BodyRules) => RouteConfig(rules);

/** Makes {@link TakesBody} work; to be called before routes are registered. Other routes answer 415 to JSON lines. */
export function serveBodyRules(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const { bodyLimitBytes } = (route.config ?? {}) as Partial<BodyRules>;
    if (bodyLimitBytes !== undefined) route.bodyLimit = bodyLimitBytes;
  });
  fastify.addContentTypeParser(JSON_LINES, { parseAs: 'buffer' }, (request, body, done) => {
    const { jsonLines } = request.routeOptions.config as Partial<BodyRules>;
    if (jsonLines) done(null, body);
    else done(new AppError(415, 'UNSUPPORTED_MEDIA_TYPE', `This route does not take ${JSON_LINES}`));
  });
}
