import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { cacheLookups } from '../../platform/metrics/metrics.ts';
import { ForecastEpoch } from './forecast-epoch.ts';

/** An answer as it goes over the wire. */
export interface ReadyAnswer {
  readonly body: string;
  readonly etag: string;
}

interface Entry extends ReadyAnswer {
  readonly epoch: string;
  readonly expiresAt: number;
}

const MAX_ENTRIES = 2_000;
/** Runs end an entry at once; what else may change (a product renamed or deleted) shows after so long. */
const LIFETIME_MS = 5_000;

/** Strong ETag of a text. */
export function etagOfText(body: string): string {
  return `"${createHash('sha1').update(body).digest('base64url')}"`;
}

/**
 * The most asked answers of this process, ready to send, found by the request's own URL: a hit costs no parsing, no
 * validation and no look-up outside the process. Least recently used entries leave first.
 */
@Injectable()
export class ReadyAnswers {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly epoch: ForecastEpoch) {}

  /** Key of a request: callers limited to some places may get another answer to the same URL. */
  static keyOf(request: FastifyRequest): string {
    const places = request.principal?.locationIds;
    return places?.length ? `${request.url} ${[...places].sort().join(',')}` : request.url;
  }

  get(key: string): ReadyAnswer | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    this.entries.delete(key);
    if (entry.epoch !== this.epoch.current || entry.expiresAt <= Date.now()) return undefined;
    this.entries.set(key, entry);
    return entry;
  }

  /** @param epoch the state of the forecasts before the answer was made: it may be newer than that, never older */
  set(key: string, body: string, epoch: string): ReadyAnswer {
    const entry = { body, etag: etagOfText(body), epoch, expiresAt: Date.now() + LIFETIME_MS };
    this.entries.set(key, entry);
    if (this.entries.size > MAX_ENTRIES) this.entries.delete(this.entries.keys().next().value as string);
    return entry;
  }
}

/** Sends an answer as it is, or 304 to a client that has it. Caches between must not keep what one caller may see. */
export function sendReady(request: FastifyRequest, reply: FastifyReply, answer: ReadyAnswer, hit: boolean): void {
  cacheLookups.inc({ result: hit ? 'hit' : 'miss' });
  reply.header('etag', answer.etag);
  reply.header('cache-control', 'private, no-cache');
  reply.header('x-cache', hit ? 'HIT' : 'MISS');
  const known = request.headers['if-none-match'];
  if (known !== undefined && (known === answer.etag || known.split(',').some((tag) => matches(tag, answer.etag)))) {
    reply.status(304).send();
    return;
  }
  reply.header('content-type', 'application/json; charset=utf-8').send(answer.body);
}

function matches(candidate: string, etag: string): boolean {
  const tag = candidate.trim();
  return tag === '*' || tag === etag || tag === `W/${etag}`;
}
