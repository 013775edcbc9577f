import { Logger } from '@nestjs/common';
import { FastifyAdapter, RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OutgoingHttpHeaders } from 'node:http';
import { AppError } from './app-error.ts';
import { problemOf } from './problem.filter.ts';
import { RequestDeadline } from './request-deadline.ts';

type Query = Readonly<Record<string, unknown>>;

/** What a route needs its time for. */
interface TimeRules {
  /** Which of its requests may take longer. */
  readonly mayTakeLonger?: (query: Query) => boolean;
  /** Set by `TakesBytes`, whose gate bounds how long a body may take to come. */
  readonly bodyLimitBytes?: number;
}

/**
 * Excepts a route from the time limit of requests, such as an upload, which takes as long as its sender does.
 * @param when which of its requests, by their query; all of them by default
 */
export const MayTakeLonger = (when: (query: Query) => boolean = () => true) =>
  RouteConfig({ mayTakeLonger: when } satisfies TimeRules);

const rulesOf = (config: object | undefined): TimeRules => config ?? {};

/** The deadline of a request that has just come in, which it keeps; null where it may take longer. */
export function deadlineOf(request: FastifyRequest): RequestDeadline | null {
  if (rulesOf(request.routeOptions.config).mayTakeLonger?.(request.query as Query)) return null;
  return (request.deadline = new RequestDeadline());
}

/**
 * Answers 504 to what takes too long, and stops what was being done for it; 408 where the request itself does not come. An
 * answer that has begun may take its time: a download goes at the pace of its reader.
 */
export function answerInTime(adapter: FastifyAdapter, limitMs: number): void {
  const fastify = adapter.getInstance();
  const start = (request: FastifyRequest, reply: FastifyReply) => {
    if (request.deadline) request.deadlineTimer = setTimeout(giveUp, limitMs, request, reply, limitMs).unref();
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    if (rulesOf(request.routeOptions.config).bodyLimitBytes === undefined) start(request, reply);
    done();
  });
  fastify.addHook('onRoute', (route) => {
    if (rulesOf(route.config).bodyLimitBytes === undefined) return;
    route.preValidation = [
      (request, reply, done) => {
        start(request, reply);
        done();
      },
    ];
  });
  fastify.addHook('onSend', (request, _reply, payload, done) => {
    clearTimeout(request.deadlineTimer);
    done(null, payload);
  });
}

const logger = new Logger('RequestDeadline');

function giveUp(request: FastifyRequest, reply: FastifyReply, limitMs: number): void {
  const arrived = request.raw.complete;
  const error = arrived
    ? new AppError(504, 'REQUEST_TIMEOUT', `The request took longer than ${limitMs / 1000} seconds`)
    : new AppError(408, 'REQUEST_TIMEOUT', `The request did not come within ${limitMs / 1000} seconds`);
  logger.warn({ message: 'request given up', status: error.status, route: request.routeOptions.url });
  // Past the hooks and whatever the handler still comes to, which from now on is not sent.
  reply.code(error.status).hijack();
  request.deadline?.pass();
  // Whoever asked has gone.
  if (reply.raw.destroyed) return;
  const body = JSON.stringify(
    problemOf({ status: error.status, code: error.code, detail: error.message, errors: [] }, request),
  );
  reply.raw
    .writeHead(error.status, {
      ...(reply.getHeaders() as OutgoingHttpHeaders),
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
      'content-length': Buffer.byteLength(body),
      ...(!arrived && { connection: 'close' }),
    })
    .end(body, () => {
      if (!arrived) request.raw.destroy();
    });
}
