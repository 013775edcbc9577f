import { ArgumentsHost, Catch, ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, FieldError } from './app-error.ts';
import { correlationId } from './correlation.ts';
import { DeadlinePassedError } from './request-deadline.ts';

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** RFC 9457 body of an error answer. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly correlation_id: string | null;
  readonly errors?: readonly FieldError[];
}

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;
}

/** PostgreSQL classes that mean "the database is not there right now", not "we made a mistake". */
const DATABASE_AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  '57P01',
  '57P02',
  '57P03',
  // No such database: it was dropped, or is being restored under its name.
  '3D000',
  '53300',
  '08006',
  '08001',
  '08003',
]);

function databaseAway(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return (
    DATABASE_AWAY.has(code ?? '') || /Connection terminated|timeout exceeded when trying to connect/.test(message ?? '')
  );
}

/** A statement was ended before it was done: by its time limit, or by an operator. */
const QUERY_CANCELLED = '57014';

/** Text that PostgreSQL cannot hold: a NUL, or the escape of one in JSON. */
const UNSTORABLE_TEXT = new Set(['22021', '22P05']);

function describe(error: unknown): Answer {
  if (error instanceof AppError) {
    return {
      status: error.status,
      code: error.code,
      detail: error.message,
      errors: error.errors,
      headers: error.headers,
    };
  }
  if (error instanceof HttpException) {
    const status = error.getStatus();
    return {
      status,
      code: (TITLES[status] ?? 'ERROR').toUpperCase().replaceAll(' ', '_'),
      detail: error.message,
      errors: [],
      headers: {},
    };
  }
  // Fastify's own errors (bad JSON, body too large, unsupported media type) carry a 4xx statusCode.
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string };
  if (statusCode && statusCode >= 400 && statusCode < 500) {
    return {
      status: statusCode,
      code: code ?? 'BAD_REQUEST',
      detail: message ?? 'Bad request',
      errors: [],
      headers: {},
    };
  }
  if (UNSTORABLE_TEXT.has(code ?? '')) {
    return { status: 400, code: 'INVALID_REQUEST', detail: 'Text must not contain NUL', errors: [], headers: {} };
  }
  if (code === QUERY_CANCELLED) {
    return { status: 504, code: 'DATABASE_TIMEOUT', detail: 'The database took too long', errors: [], headers: {} };
  }
  if (databaseAway(error)) {
    return {
      status: 503,
      code: 'DATABASE_UNAVAILABLE',
      detail: 'The database is not reachable right now',
      errors: [],
      headers: { 'retry-after': '5' },
    };
  }
  return { status: 500, code: 'INTERNAL_ERROR', detail: 'Something went wrong on our side', errors: [], headers: {} };
}

/** Whether work was stopped because its request had been given up, of which was told then. */
function stoppedByDeadline(error: unknown, request: FastifyRequest): boolean {
  if (!request.deadline?.passed) return false;
  return error instanceof DeadlinePassedError || (error as { code?: string }).code === QUERY_CANCELLED;
}

/** The body of an error answer to a request. */
export function problemOf(
  { status, code, detail, errors }: Omit<Answer, 'headers'>,
  { url }: Pick<FastifyRequest, 'url'>,
): Problem {
  return {
    type: `urn:shelfcast:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    instance: url.split('?')[0],
    code,
    correlation_id: correlationId(),
    ...(errors.length ? { errors } : {}),
  };
}

/** Answers every error as `application/problem+json` and logs what is ours (5xx) once, with its stack. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (stoppedByDeadline(error, request)) return;
    const answer = describe(error);
    const { status, headers } = answer;
    if (status >= 500) this.logger.error(error instanceof Error ? error : String(error));
    if (reply.sent) return;
    reply
      .status(status)
      .headers(headers)
      .header('cache-control', 'no-store')
      .type('application/problem+json')
      .send(JSON.stringify(problemOf(answer, request)));
  }
}
