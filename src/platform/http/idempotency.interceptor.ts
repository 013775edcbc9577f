import {
  applyDecorators,
  CallHandler,
  ExecutionContext,
  Injectable,
  NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Observable, of } from 'rxjs';
import { AppError, InvalidRequestError, UnprocessableError } from './app-error.ts';
import { IdempotencyKeeper } from './idempotency.keeper.ts';

const KEY_PATTERN = /^[\x21-\x7e]{1,255}$/;
const RETRY_AFTER_SECONDS = 1;

/**
 * Honours `Idempotency-Key` on mutations of a signed-in caller: for a day the same key, method, path and body get
 * the first answer again, marked `idempotency-replayed: true`. Another body is refused with 422; while the first request
 * runs, others get 409. Answers of 5xx are not kept. Routes without a principal (sign-in, refresh) ignore the header: their
 * answers are tokens, which must not be stored.
 *
 * Of multipart uploads only path and query are compared, since the file is a stream that has not been read yet; the
 * upload itself recognises a file it has seen.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly keeper: IdempotencyKeeper) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const header = request.headers['idempotency-key'];
    if (header === undefined || !request.principal) return next.handle();
    const key = String(header);
    if (!KEY_PATTERN.test(key))
      throw new InvalidRequestError('Idempotency-Key', 'must be 1-255 visible ASCII characters');
    const reservation = await this.keeper.reserve(request, key);
    switch (reservation.state) {
      case 'reserved':
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
}

/**
 * Makes a mutation honour `Idempotency-Key`; see {@link IdempotencyInterceptor}. On each mutation and not for all routes,
 * because an interceptor costs every read the machinery it runs in. A mutation without it stops the start.
 */
export const Idempotent = () =>
  applyDecorators(
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'A retry with the same key gets the first answer again',
    }),
  );
