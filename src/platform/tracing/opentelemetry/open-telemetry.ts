import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import {
  context,
  Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind as OtelKind,
  trace,
  Tracer,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed, suppressTracing, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { AppConfig } from '../../config/index.ts';
import type { OpenSpan, SpanAttributes, SpanKind, TraceIds, Tracing } from '../span.ts';
import { LocalRoot, RecordedSpan } from './local-root.ts';
import { queueTelemetryOn } from './queue-telemetry.ts';
import { traceRedis } from './redis-commands.ts';
import { TimeLedIds } from './time-led-ids.ts';

/** Longest one delivery to the collector takes, tries included. */
const EXPORT_TIMEOUT_MS = 5_000;
/** Longest the end of a process waits for the last one: its supervisor waits for nobody. */
const STOP_TIMEOUT_MS = 2_000;

const KINDS = { internal: OtelKind.INTERNAL, client: OtelKind.CLIENT } satisfies Record<SpanKind, OtelKind>;

/** The version in `package.json`, which lies beside `src`, or beside `dist` in a build. */
function productVersion(): string {
  for (const up of ['../../../../', '../../../../../']) {
    try {
      const text = readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    } catch {
      // One further up, then.
    }
  }
  return 'unknown';
}

/**
 * Records with OpenTelemetry and sends by OTLP over HTTP, in the background: spans wait in a queue of bounded length and
 * are dropped where the collector does not take them. Whether a trace is kept is decided where it begins; a caller who
 * sends `traceparent` has decided.
 */
export function openTelemetry(settings: NonNullable<AppConfig['tracing']>, service: string): Tracing {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = new OTLPTraceExporter({ url: settings.tracesUrl, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': productVersion() }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.ratio) }),
    idGenerator: new TimeLedIds(),
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_TIMEOUT_MS })],
  });
  return new OtelTracing(provider);
}

class OtelTracing implements Tracing {
  private readonly tracer: Tracer;
  private readonly propagator = new W3CTraceContextPropagator();
  readonly queue;

  constructor(private readonly provider: TracerProvider) {
    this.tracer = provider.getTracer('shelfcast');
    this.queue = queueTelemetryOn(this.tracer, this.propagator);
    traceRedis((command) => this.open('client', command, { 'db.system.name': 'redis', 'db.operation.name': command }));
  }

  recording(): boolean {
    return isKept(context.active());
  }

  open(kind: SpanKind, name: string, attributes: SpanAttributes): OpenSpan | null {
    const here = context.active();
    const span = this.start(here, kind, name, attributes);
    return span && new RecordedSpan(span);
  }

  within<T>(kind: SpanKind, name: string, attributes: SpanAttributes, work: (span: OpenSpan | null) => T): T {
    const here = context.active();
    const span = this.start(here, kind, name, attributes);
    if (!span) return work(null);
    return context.with(trace.setSpan(here, span), work, undefined, new RecordedSpan(span));
  }

  enter<T>(
    headers: IncomingHttpHeaders | null,
    name: string,
    attributes: SpanAttributes,
    work: (span: OpenSpan) => T,
  ): T {
    const from = headers ? this.propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter) : ROOT_CONTEXT;
    const kind = headers ? OtelKind.SERVER : OtelKind.INTERNAL;
    const span = this.tracer.startSpan(name, { kind, attributes }, from);
    const root = new LocalRoot(span);
    return context.with(root.on(trace.setSpan(from, span)), work, undefined, root);
  }

  silent<T>(work: () => T): T {
    return context.with(suppressTracing(context.active()), work);
  }

  ids(): TraceIds | null {
    const span = trace.getSpan(context.active())?.spanContext();
    return span ? { trace_id: span.traceId, span_id: span.spanId } : null;
  }

  headers(): Record<string, string> {
    const headers: Record<string, string> = {};
    this.propagator.inject(context.active(), headers, defaultTextMapSetter);
    return headers;
  }

  async stop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, STOP_TIMEOUT_MS)));
    // A collector that is away keeps nobody from ending in order.
    await Promise.race([this.provider.shutdown().catch(() => undefined), late]);
    clearTimeout(timer);
  }

  private start(here: Context, kind: SpanKind, name: string, attributes: SpanAttributes) {
    if (!isKept(here) || LocalRoot.of(here)?.admit() === false) return null;
    return this.tracer.startSpan(name, { kind: KINDS[kind], attributes }, here);
  }
}

/** Whether the span under way is kept and has not ended: what goes on after an answer, or by a timer, is not part of it. */
function isKept(here: Context): boolean {
  return trace.getSpan(here)?.isRecording() === true && !isTracingSuppressed(here);
}
