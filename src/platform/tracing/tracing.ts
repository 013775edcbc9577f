import type { IncomingHttpHeaders } from 'node:http';
import type { Telemetry } from 'bullmq';
import type { AppConfig } from '../config/index.ts';
import type { OpenSpan, SpanAttributes, SpanKind, TraceIds, Tracing } from './span.ts';

let tracing: Tracing | null = null;

/**
 * Starts to record where a collector is set; nothing is loaded otherwise. Call it before anything connects.
 * @param service name of the process in the traces
 */
export async function startTracing(settings: AppConfig['tracing'], service: string): Promise<void> {
  if (settings === null) return;
  const { openTelemetry } = await import('./opentelemetry/open-telemetry.ts');
  tracing = openTelemetry(settings, service);
}

/** Sends the spans that wait. Whatever ends later is not recorded. */
export async function stopTracing(): Promise<void> {
  await tracing?.stop();
}

/** Whether this process records at all; then the parts that need more than a call are put in place. */
export function isTracing(): boolean {
  return tracing !== null;
}

/** Whether a span opened now would be kept: asked before an expensive description of it is made. */
export function isRecording(): boolean {
  return tracing !== null && tracing.recording();
}

/** Opens a span below the one under way, for work that no single function holds; null where it would not be kept. */
export function openSpan(kind: SpanKind, name: string, attributes: SpanAttributes = {}): OpenSpan | null {
  return tracing === null ? null : tracing.open(kind, name, attributes);
}

/** Runs work as a span of what is under way. What it answers is passed on as it is, at once or as a promise. */
export function traced<T>(
  kind: SpanKind,
  name: string,
  attributes: SpanAttributes,
  work: (span: OpenSpan | null) => T,
): T {
  if (tracing === null) return work(null);
  return tracing.within(kind, name, attributes, (span) =>
    span === null ? work(null) : ending(span, () => work(span)),
  );
}

/** Runs work as a trace of its own, for a process that does one thing. */
export function tracedProcess<T>(name: string, work: () => T): T {
  return tracing === null ? work() : tracing.enter(null, name, {}, (span) => ending(span, work));
}

/**
 * Opens the span of a request, below the caller's where the headers name one, and runs what follows inside. Only while
 * {@link isTracing}.
 * @param work ends the span
 */
export function enterRequest(
  headers: IncomingHttpHeaders,
  name: string,
  attributes: SpanAttributes,
  work: (span: OpenSpan) => void,
): void {
  tracing?.enter(headers, name, attributes, work);
}

/** Runs what would tell nothing in a trace, such as a heartbeat. */
export function untraced<T>(work: () => T): T {
  return tracing === null ? work() : tracing.silent(work);
}

/** Ids for log lines; null outside any trace. */
export function traceIds(): TraceIds | null {
  return tracing === null ? null : tracing.ids();
}

/** Headers for a call of another server, by which it may go on with the trace (W3C Trace Context). */
export function traceHeaders(): Record<string, string> {
  return tracing === null ? {} : tracing.headers();
}

/** For the options of queues and workers; undefined while nothing is recorded. */
export function queueTelemetry(): Telemetry | undefined {
  return tracing?.queue;
}

/** Runs work and ends a span with it: at once, or when its promise does. What it answers or throws is passed on. */
export function ending<T>(span: OpenSpan, work: () => T): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    span.end(error);
    throw error;
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  return result.then(
    (value: unknown) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      span.end(error);
      throw error;
    },
  ) as T;
}
