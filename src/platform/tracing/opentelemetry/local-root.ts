import { Context, createContextKey, Span, SpanStatusCode } from '@opentelemetry/api';
import type { OpenSpan, SpanAttributes } from '../span.ts';

/** Spans kept below the first one of a process: a job may send thousands of statements, and the first tell the story. */
const MOST_SPANS = 500;

const KEY = createContextKey('first span of this process');

/** A span of the SDK as the rest of the product sees it. */
export class RecordedSpan implements OpenSpan {
  constructor(protected readonly span: Span) {}

  set(attributes: SpanAttributes): void {
    this.span.setAttributes(attributes);
  }

  fail(error: unknown): void {
    noteError(this.span, error);
  }

  end(error?: unknown): void {
    if (error !== undefined) this.fail(error);
    this.span.end();
  }
}

/** The first span of a process in a trace. It counts those below it, and says how many were left out. */
export class LocalRoot extends RecordedSpan {
  private spans = 0;

  /** The context with this span under way. */
  on(context: Context): Context {
    return context.setValue(KEY, this);
  }

  static of(context: Context): LocalRoot | undefined {
    return context.getValue(KEY) as LocalRoot | undefined;
  }

  /** Whether there is room for one more span below. */
  admit(): boolean {
    return ++this.spans <= MOST_SPANS;
  }

  override end(error?: unknown): void {
    if (this.spans > MOST_SPANS) this.span.setAttribute('shelfcast.spans.left_out', this.spans - MOST_SPANS);
    super.end(error);
  }
}

/** Notes that the work failed, by the error's code or name. What a client did wrong is no failure of ours. */
export function noteError(span: Span, error: unknown): void {
  const { code, name, status } = error as { code?: unknown; name?: unknown; status?: unknown };
  span.setAttribute('error.type', typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown');
  if (!(typeof status === 'number' && status < 500)) span.setStatus({ code: SpanStatusCode.ERROR });
}
