import { tracingChannel } from 'node:diagnostics_channel';
import type { OpenSpan } from '../span.ts';

/** What ioredis publishes about a command; its arguments are left alone. */
interface RedisCall {
  readonly command: string;
  readonly error?: unknown;
}

/**
 * Opens a span for each command of Redis, by the channel that ioredis publishes to.
 * @param open answers null where the span would not be kept
 */
export function traceRedis(open: (command: string) => OpenSpan | null): void {
  const spans = new WeakMap<RedisCall, OpenSpan>();
  const end = (call: RedisCall) => {
    spans.get(call)?.end(call.error);
    spans.delete(call);
  };
  tracingChannel<string, RedisCall>('ioredis:command').subscribe({
    start: (call) => {
      const span = open(call.command.toUpperCase());
      if (span) spans.set(call, span);
    },
    end: (call) => {
      // Ended here only when it threw at once; else it goes on.
      if (call.error !== undefined) end(call);
    },
    asyncStart: () => undefined,
    asyncEnd: end,
    error: () => undefined,
  });
}
