import { Inject, Injectable, OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isIPv6 } from 'node:net';
import { CacheStore } from '../cache/index.ts';
import type { Count } from '../cache/index.ts';
import { APP_CONFIG } from '../config/index.ts';
import type { AppConfig } from '../config/index.ts';
import { TooManyRequestsError } from './app-error.ts';

const WINDOW_SECONDS = 60;

/** Probes must not fail because somebody else behind the same proxy asks too often. */
const NEVER_REFUSED = '/health/';

/** What a client is counted under: its IPv4 address, or the /64 network that one IPv6 subscriber owns whole. */
export function clientAddress(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped) return mapped[1];
  const [head, tail] = ip.split('::');
  const before = head ? head.split(':') : [];
  const after = tail ? tail.split(':') : [];
  const groups =
    tail === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill('0'), ...after];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/**
 * Counts requests per caller and minute and says so in the `RateLimit-*` headers of every answer. Whoever authenticates
 * the request calls {@link count}, since only then the caller is known; unknown paths are counted here, by address.
 */
@Injectable()
export class RateLimiter implements OnModuleInit {
  private readonly limit: number;

  constructor(
    private readonly cache: CacheStore,
    @Inject(APP_CONFIG) config: AppConfig,
    private readonly host: HttpAdapterHost<FastifyAdapter>,
  ) {
    this.limit = config.limits.requestsPerMinute;
  }

  onModuleInit(): void {
    this.host.httpAdapter.getInstance().addHook('onRequest', (request, reply, done) => {
      if (!request.is404) return done();
      void (async () => this.count(request, reply))().then(() => done(), done);
    });
  }

  /**
   * Counts a request under its principal, or its address where there is none.
   * @throws TooManyRequestsError (429 with `Retry-After`) over the limit
   */
  count(request: FastifyRequest, reply: FastifyReply): void | Promise<void> {
    const subject = request.principal ? `user:${request.principal.userId}` : `ip:${clientAddress(request.ip)}`;
    const counted = this.cache.increment(`rate:${subject}`, WINDOW_SECONDS);
    if (counted instanceof Promise) return counted.then((count) => this.state(count, request, reply));
    this.state(counted, request, reply);
  }

  private state({ count, ttlSeconds }: Count, request: FastifyRequest, reply: FastifyReply): void {
    reply.header('ratelimit-limit', this.limit);
    reply.header('ratelimit-remaining', Math.max(0, this.limit - count));
    reply.header('ratelimit-reset', ttlSeconds);
    if (count > this.limit && !request.url.startsWith(NEVER_REFUSED)) {
      throw new TooManyRequestsError('Too many requests', ttlSeconds);
    }
  }
}
