import {
  CallHandler,
  ExecutionContext,
  Inject,
  Injectable,
  Logger,
  NestInterceptor,
  OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHmac } from 'node:crypto';
import { Observable, of } from 'rxjs';
import { APP_CONFIG } from '../config/index.ts';
import type { AppConfig } from '../config/index.ts';
import { AppError, InvalidRequestError, UnprocessableError } from './app-error.ts';
import { IdempotencyStore } from './idempotency.store.ts';

const KEY_PATTERN = /^[\x21-\x7e]{1,255}$/;
const METHODS = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
/** Headers that belong to an answer and not to the moment it was given. */
const KEPT_HEADERS = ['content-type', 'location', 'etag', 'cache-control'];
const RETRY_AFTER_SECONDS = 1;

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while this request holds an idempotency key whose answer is still to be kept. */
    idempotency?: { readonly scope: string; readonly key: string };
  }
}

/**
 * Honours `Idempotency-Key` on every mutation of a signed-in caller: for a day the same key, method, path and body get
 * the first answer again, marked `idempotency-replayed: true`. Another body is refused with 422; while the first request
 * runs, others get 409. Answers of 5xx are not kept. Routes without a principal (sign-in, refresh) ignore the header: their
 * answers are tokens, which must not be stored.
 *
 * Of multipart uploads only path and query are compared, since the file is a stream that has not been read yet; the
 * upload itself recognises a file it has seen.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor, OnModuleInit {
  private readonly logger = new Logger(IdempotencyInterceptor.name);

  constructor(
    private readonly store: IdempotencyStore,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly host: HttpAdapterHost<FastifyAdapter>,
  ) {}

  onModuleInit(): void {
    // A hook and not the handler's result, so that refusals (409, 412 …) are kept as the client saw them.
    this.host.httpAdapter.getInstance().addHook('onSend', async (request, reply, payload) => {
      if (request.idempotency) await this.settle(request, reply, payload);
      return payload;
    });
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const header = request.headers['idempotency-key'];
    if (header === undefined || !METHODS.has(request.method) || !request.principal) return next.handle();
    const key = String(header);
    if (!KEY_PATTERN.test(key))
      throw new InvalidRequestError('Idempotency-Key', 'must be 1-255 visible ASCII characters');
    const [path] = request.url.split('?', 1);
    const scope = `${request.principal.userId} ${request.method} ${path}`;
    const reservation = await this.store.reserve(scope, key, this.hash(request));
    switch (reservation.state) {
      case 'reserved':
        request.idempotency = { scope, key };
        return next.handle();
      case 'running':
        throw new AppError(409, 'REQUEST_IN_PROGRESS', 'The first request with this Idempotency-Key still runs', [], {
          'retry-after': String(RETRY_AFTER_SECONDS),
        });
      case 'other-request':
        throw new UnprocessableError('This Idempotency-Key was used for another request', 'Idempotency-Key');
      case 'answered': {
        const { status, headers, body } = reservation.answer;
        // A whole Response, whose status wins over the one the route states.
        return of(new Response(body || null, { status, headers: { ...headers, 'idempotency-replayed': 'true' } }));
      }
    }
  }

  /** Keyed, because a body may hold a password and a plain hash of it could be guessed offline. */
  private hash(request: FastifyRequest): string {
    const hash = createHmac('sha256', this.config.auth.jwtKey).update(request.url);
    const multipart = request.headers['content-type']?.startsWith('multipart/') ?? false;
    if (!multipart) hash.update('\n').update(JSON.stringify(request.body) ?? '');
    return hash.digest('base64url');
  }

  private async settle(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
    const { scope, key } = request.idempotency!;
    request.idempotency = undefined;
    try {
      const text = payload === undefined || payload === null ? '' : payload;
      if (reply.statusCode >= 500 || typeof text !== 'string') return await this.store.release(scope, key);
      const headers: Record<string, string> = {};
      for (const name of KEPT_HEADERS) {
        const value = reply.getHeader(name);
        if (value !== undefined) headers[name] = String(value);
      }
      await this.store.keep(scope, key, { status: reply.statusCode, headers, body: text });
    } catch (error) {
      // The work is done; its answer must reach the client even if it cannot be kept.
      this.logger.warn(`Answer to Idempotency-Key could not be kept: ${(error as Error).message}`);
    }
  }
}
