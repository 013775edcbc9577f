import type { IncomingHttpHeaders } from 'node:http';
import type { Telemetry } from 'bullmq';

/** What a span says about its work: names, sizes and outcomes, and never what somebody sent or who they are. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Work in this process, or a call of another server. */
export type SpanKind = 'internal' | 'client';

/** A span that has begun and is ended by whoever opened it. */
export interface OpenSpan {
  set(attributes: SpanAttributes): void;
  /** Notes that the work failed: the error's code or name, and not its message, which may quote what was sent. */
  fail(error: unknown): void;
  /** @param error as for {@link fail} */
  end(error?: unknown): void;
}

/** Ids of the span under way, as hexadecimal digits. */
export interface TraceIds {
  readonly trace_id: string;
  readonly span_id: string;
}

/** What traces are recorded with; loaded only where there is somewhere to send them. */
export interface Tracing {
  /** Whether a span opened now would be kept. */
  recording(): boolean;
  /** Opens a span below the one under way; null where none is, or where it is not kept. */
  open(kind: SpanKind, name: string, attributes: SpanAttributes): OpenSpan | null;
  /** Runs work inside a new span, which the work ends. */
  within<T>(kind: SpanKind, name: string, attributes: SpanAttributes, work: (span: OpenSpan | null) => T): T;
  /** As {@link within}, as the first span of this process for a trace: a caller's, or a new one. */
  enter<T>(
    headers: IncomingHttpHeaders | null,
    name: string,
    attributes: SpanAttributes,
    work: (span: OpenSpan) => T,
  ): T;
  /** Runs work of which no span is kept. */
  silent<T>(work: () => T): T;
  ids(): TraceIds | null;
  /** Headers that tell another server of the span under way. */
  headers(): Record<string, string>;
  /** What BullMQ tells of publishing and processing. */
  readonly queue: Telemetry;
  /** Sends what waits, and ends; never fails and never takes long. */
  stop(): Promise<void>;
}
