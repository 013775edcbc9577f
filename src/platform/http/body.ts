import { FastifyAdapter, RouteConfig } from '@nestjs/platform-fastify';
import { AppError } from './app-error.ts';
import { BodyGate } from './body-gate.ts';

/** JSON lines: one JSON text a line (https://github.com/ndjson/ndjson-spec). */
export const JSON_LINES = 'application/x-ndjson';

/** Bodies of one route that are in memory at a time. */
const GATE_BYTES = 16 * 1024 * 1024;

/** What a route takes beyond small JSON bodies. */
interface BodyRules {
  readonly bodyLimitBytes: number;
  /** Whether JSON and JSON lines are handed to the route as the bytes they came in, once the caller is known. */
  readonly asBytes: boolean;
}

/**
 * Lets a route take larger bodies than others, a few at a time and as bytes: JSON of megabytes is parsed only for those who
 * may send it.
 */
export const TakesBytes = (bodyLimitBytes: number) =>
  RouteConfig({ bodyLimitBytes, asBytes: true } satisfies BodyRules);

const rulesOf = (config: object | undefined): Partial<BodyRules> => config ?? {};

/** Makes {@link TakesBytes} work; to be called before routes are registered. Other routes answer 415 to JSON lines. */
export function serveBodyRules(adapter: FastifyAdapter): void {
  const fastify = adapter.getInstance();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addHook('onRoute', (route) => {
    const { bodyLimitBytes } = rulesOf(route.config);
    if (bodyLimitBytes === undefined) return;
    route.bodyLimit = bodyLimitBytes;
    route.onRequest = [new BodyGate(GATE_BYTES, bodyLimitBytes).hook];
  });
  adapter.useBodyParser('application/json', false, {}, (request, body, done) => {
    if (rulesOf(request.routeOptions.config).asBytes) done(null, body);
    else parseJson(request, body.toString(), done);
  });
  adapter.useBodyParser(JSON_LINES, false, {}, (request, body, done) => {
    if (rulesOf(request.routeOptions.config).asBytes) done(null, body);
    else done(new AppError(415, 'UNSUPPORTED_MEDIA_TYPE', `This route does not take ${JSON_LINES}`));
  });
}
