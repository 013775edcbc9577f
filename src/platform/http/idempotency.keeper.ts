import { Inject, Injectable, Logger, OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHmac, KeyObject } from 'node:crypto';
import { APP_CONFIG } from '../config/index.ts';
import type { AppConfig } from '../config/index.ts';
import { withoutDeadline } from './correlation.ts';
import { IdempotencyStore } from './idempotency.store.ts';
import type { RequestHashes, Reservation } from './idempotency.store.ts';

/** Headers that belong to an answer and not to the moment it was given. */
const KEPT_HEADERS = ['content-type', 'location', 'etag', 'cache-control'];

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while this request holds an idempotency key whose answer is still to be kept. */
    idempotency?: { readonly scope: string; readonly key: string };
  }
}

/** Reserves idempotency keys for requests and keeps their answers as the client saw them. */
@Injectable()
export class IdempotencyKeeper implements OnModuleInit {
  private readonly logger = new Logger(IdempotencyKeeper.name);

  constructor(
    private readonly store: IdempotencyStore,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly host: HttpAdapterHost<FastifyAdapter>,
  ) {}

  onModuleInit(): void {
    // A hook and not the handler's result, so that refusals (409, 412 …) are kept as the client saw them. With a callback
    // and not a promise, since every answer passes here and few have a key.
    this.host.httpAdapter.getInstance().addHook('onSend', (request, reply, payload, done) => {
      if (!request.idempotency) return done(null, payload);
      void this.settle(request, reply, payload).then(() => done(null, payload));
    });
  }

  /** Claims a key for a request of a signed-in caller, or says what became of it before. */
  async reserve(request: FastifyRequest, key: string): Promise<Reservation> {
    const [path] = request.url.split('?', 1);
    const scope = `${request.principal?.userId} ${request.method} ${path}`;
    const reservation = await this.store.reserve(scope, key, this.hashes(request));
    if (reservation.state === 'reserved') {
      request.idempotency = { scope, key };
      // A request that is given up is answered past the hooks.
      request.deadline?.onPass(() => void this.release(request));
    }
    return reservation;
  }

  /**
   * What a request is recognised by. Keyed, because a body may hold a password and a plain hash of it could be guessed
   * offline; by the previous key, too, so that a retry is recognised while the key is being changed.
   */
  private hashes(request: FastifyRequest): RequestHashes {
    const multipart = request.headers['content-type']?.startsWith('multipart/') ?? false;
    const body = multipart ? '' : `\n${JSON.stringify(request.body) ?? ''}`;
    const by = (key: KeyObject) => createHmac('sha256', key).update(request.url).update(body).digest('base64url');
    const { jwtKey, previousJwtKey } = this.config.auth;
    return { current: by(jwtKey), previous: previousJwtKey && by(previousJwtKey) };
  }

  private async release(request: FastifyRequest): Promise<void> {
    const held = request.idempotency;
    request.idempotency = undefined;
    if (!held) return;
    await withoutDeadline(() => this.store.release(held.scope, held.key)).catch((error: Error) =>
      this.logger.warn(`Idempotency-Key could not be given back: ${error.message}`),
    );
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
