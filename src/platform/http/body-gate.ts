import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { AsyncResource } from 'node:async_hooks';
import { AppError } from './app-error.ts';

/** Bodies of this size pass at once: the gate is for those that fill the memory. */
const SMALL_BYTES = 64 * 1024;
/** Requests that may wait, each for so long; then it is asked to come again. */
const MOST_WAITING = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** A body that has been let in has so long to arrive: whoever sends slower than that would keep others out. */
const LONGEST_ARRIVAL_MS = 30_000;
const RETRY_AFTER_SECONDS = 5;

/**
 * Bounds the bytes of bodies that are in memory at a time, by letting requests wait before their body is read: what waits
 * then does so at the sender.
 */
export class BodyGate {
  private used = 0;
  private readonly waiting = new Set<{ readonly bytes: number; readonly enter: () => void }>();

  /**
   * @param mostBytes bodies in memory at a time; one alone always passes
   * @param largestBytes largest body, which one of a length that is not stated counts as
   */
  constructor(
    private readonly mostBytes: number,
    private readonly largestBytes: number,
  ) {}

  /** Hook for `onRequest`. */
  readonly hook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const stated = request.headers['content-length'];
    const bytes = Math.min(stated === undefined ? this.largestBytes : Number(stated), this.largestBytes);
    if (bytes <= SMALL_BYTES) return done();
    if (this.hasRoomFor(bytes)) return this.enter(bytes, request, reply, done);
    if (this.waiting.size >= MOST_WAITING) return done(busy());
    // What lets it in is the end of another request, whose correlation id must not become this one's.
    const one = {
      bytes,
      enter: AsyncResource.bind(() => {
        leave();
        this.enter(bytes, request, reply, done);
      }),
    };
    const leave = () => {
      clearTimeout(timer);
      reply.raw.removeListener('close', leave);
      return this.waiting.delete(one);
    };
    const timer = setTimeout(() => {
      leave();
      done(busy());
    }, LONGEST_WAIT_MS).unref();
    reply.raw.once('close', leave);
    this.waiting.add(one);
  };

  private hasRoomFor(bytes: number): boolean {
    return this.used === 0 || this.used + bytes <= this.mostBytes;
  }

  private enter(bytes: number, request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
    this.used += bytes;
    const timer = setTimeout(() => {
      if (!request.raw.complete) request.raw.destroy();
    }, LONGEST_ARRIVAL_MS).unref();
    reply.raw.once('close', () => {
      clearTimeout(timer);
      this.used -= bytes;
      // In the order they came: a large one is not overtaken by small ones for ever.
      for (const next of this.waiting) {
        if (!this.hasRoomFor(next.bytes)) break;
        next.enter();
      }
    });
    done();
  }
}

function busy(): AppError {
  return new AppError(503, 'TOO_BUSY', 'Too many large requests come in at once; send this one again', [], {
    'retry-after': String(RETRY_AFTER_SECONDS),
  });
}
