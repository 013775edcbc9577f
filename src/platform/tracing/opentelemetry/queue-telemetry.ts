import {
  context,
  Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  Span,
  SpanKind,
  TextMapPropagator,
  trace,
  Tracer,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Span as QueueSpan, Telemetry } from 'bullmq';
import { LocalRoot, noteError } from './local-root.ts';

/** What BullMQ says about a message that is worth keeping; it would tell results and reasons of failures, too. */
const KEPT: Readonly<Record<string, string>> = {
  'bullmq.queue.name': 'messaging.destination.name',
  'bullmq.job.id': 'messaging.message.id',
};

/** Work of BullMQ itself, such as renewing locks: neither it nor its commands are recorded. */
const UNRECORDED: QueueSpan<Context> = {
  setSpanOnContext: (on) => suppressTracing(on),
  setAttribute: () => undefined,
  setAttributes: () => undefined,
  addEvent: () => undefined,
  recordException: () => undefined,
  end: () => undefined,
};

function recorded(span: Span, root: LocalRoot | null): QueueSpan<Context> {
  const setAttribute: QueueSpan['setAttribute'] = (name, value) => {
    const kept = KEPT[name];
    if (kept !== undefined && typeof value === 'string') span.setAttribute(kept, value);
  };
  return {
    setSpanOnContext: (on) => {
      const inside = trace.setSpan(on, span);
      return root ? root.on(inside) : inside;
    },
    setAttribute,
    setAttributes: (attributes) => {
      for (const [name, value] of Object.entries(attributes)) if (value !== undefined) setAttribute(name, value);
    },
    addEvent: () => undefined,
    recordException: (error) => noteError(span, error),
    end: () => (root ? root.end() : span.end()),
  };
}

/**
 * BullMQ's own door for telemetry: a span where a message is published, and one below it where a worker processes it. The
 * message carries the trace in its options.
 */
export function queueTelemetryOn(tracer: Tracer, propagator: TextMapPropagator): Telemetry<Context> {
  const messaging = (operation: string) => ({ 'messaging.system': 'bullmq', 'messaging.operation.name': operation });
  return {
    tracer: {
      // BullMQ names a span `<operation> <queue>`, or `<operation> <queue>.<job>`.
      startSpan: (name, options, parent) => {
        const kind = Number(options?.kind);
        const queue = (name.split(' ')[1] ?? '').split('.')[0];
        if (kind === SpanKind.PRODUCER) {
          const attributes = messaging('publish');
          return recorded(tracer.startSpan(`publish ${queue}`, { kind: SpanKind.PRODUCER, attributes }), null);
        }
        if (kind !== SpanKind.CONSUMER) return UNRECORDED;
        const attributes = messaging('process');
        // The loop that takes messages is part of no trace.
        const from = parent ?? ROOT_CONTEXT;
        const span = tracer.startSpan(`process ${queue}`, { kind: SpanKind.CONSUMER, attributes }, from);
        return recorded(span, new LocalRoot(span));
      },
    },
    contextManager: {
      with: (on, work) => context.with(on as Context, work) as ReturnType<typeof work>,
      active: () => context.active(),
      root: () => ROOT_CONTEXT,
      getMetadata: (of) => {
        const carrier: Record<string, string> = {};
        propagator.inject(of as Context, carrier, defaultTextMapSetter);
        return carrier.traceparent === undefined ? '' : JSON.stringify(carrier);
      },
      fromMetadata: (on, metadata) => propagator.extract(on as Context, carrierOf(metadata), defaultTextMapGetter),
    },
  };
}

function carrierOf(metadata: string): Record<string, unknown> {
  try {
    const carrier: unknown = JSON.parse(metadata);
    return typeof carrier === 'object' && carrier !== null ? (carrier as Record<string, unknown>) : {};
  } catch {
    // Written by something else: the work is done all the same, in a trace of its own.
    return {};
  }
}
