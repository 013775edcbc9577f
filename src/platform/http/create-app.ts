import multipart from '@fastify/multipart';
import { RequestMethod, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppConfig } from '../config/index.ts';
import { JsonLogger } from '../logging/logger.ts';
import { observeRequest } from '../metrics/metrics.ts';
import { isTracing } from '../tracing/index.ts';
import { answerInTime, deadlineOf } from './answer-in-time.ts';
import { serveBodyRules } from './body.ts';
import { acceptCorrelationId, withCorrelationId } from './correlation.ts';
import { ProblemFilter } from './problem.filter.ts';
import { serveOpenApi } from './openapi.ts';
import { traceRequests } from './request-spans.ts';
import { securityHeadersFor } from './security-headers.ts';
import { serveStaticFiles } from './static-files.ts';
import { createValidationPipe } from './validation.ts';

/** Largest body of an ordinary request; uploads stream past this limit, and a route may state another. */
const BODY_LIMIT_BYTES = 1024 * 1024;

/** A number counts hops from this process outwards, so that what a client wrote into the header itself is not believed. */
const trustedProxies = (trusted: boolean | number) =>
  typeof trusted === 'number' ? (_address: string, hop: number) => hop < trusted : trusted;

/**
 * The API on Fastify with everything that holds for all routes: correlation ids, security headers, validation, problem
 * answers, `/api/v1`. Ready to listen, or to be handed to a test client.
 */
export async function createApp(
  module: Type | Parameters<typeof NestFactory.create>[0],
  config: AppConfig,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: trustedProxies(config.http.trustProxy),
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 300 },
    connectionTimeout: 0,
    keepAliveTimeout: 65_000,
    // Slow uploads may take long; slow headers may not.
    requestTimeout: 0,
    http: { headersTimeout: 15_000 },
  });
  serveBodyRules(adapter);
  const fastify = adapter.getInstance();
  if (isTracing()) traceRequests(fastify);
  fastify.addHook('onRequest', (request, reply, done) => {
    const id = acceptCorrelationId(request.headers['x-correlation-id']);
    reply.headers(securityHeadersFor(request.url)).header('x-correlation-id', id);
    withCorrelationId(id, done, deadlineOf(request));
  });
  answerInTime(adapter, config.http.requestTimeoutMs);
  fastify.addHook('onResponse', (request, reply, done) => {
    observeRequest(request.method, request.routeOptions.url ?? 'unmatched', reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
  const app = await NestFactory.create<NestFastifyApplication>(module as Type, adapter, {
    logger: new JsonLogger(config.logLevel, 'api'),
    abortOnError: false,
  });
  await app.register(multipart, {
    throwFileSizeLimit: true,
    limits: {
      fileSize: config.limits.uploadMaxBytes,
      files: 1,
      fields: 10,
      fieldSize: 10_000,
      parts: 11,
      headerPairs: 50,
    },
  });
  app.setGlobalPrefix('api/v1', {
    exclude: [
      { path: 'health/live', method: RequestMethod.GET },
      { path: 'health/ready', method: RequestMethod.GET },
      { path: 'metrics', method: RequestMethod.GET },
    ],
  });
  app.useGlobalPipes(createValidationPipe());
  app.useGlobalFilters(new ProblemFilter());
  // Ends with 0: told to end, it did so in order.
  app.enableShutdownHooks([], { useProcessExit: true });
  await serveStaticFiles(app);
  serveOpenApi(app);
  return app;
}
