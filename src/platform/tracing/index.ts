export {
  ending,
  enterRequest,
  isRecording,
  isTracing,
  openSpan,
  queueTelemetry,
  startTracing,
  stopTracing,
  traced,
  tracedProcess,
  traceHeaders,
  traceIds,
  untraced,
} from './tracing.ts';
export type { OpenSpan, SpanAttributes, SpanKind, TraceIds } from './span.ts';
export { TracingModule } from './tracing.module.ts';
