import { errorMonitor, EventEmitter } from 'node:events';
import type pg from 'pg';
import { ending, isRecording, OpenSpan, openSpan } from '../tracing/index.ts';
import { DeadlineClient } from './deadline-client.ts';
import { statementText, statementVerb } from './statement-text.ts';

type Query = (this: void, ...parameters: unknown[]) => unknown;
type Callback = (error: Error | null, result: unknown) => void;

/** A connection whose statements are also spans of what is under way: their text, and never a value of theirs. */
export class TracedClient extends DeadlineClient {
  constructor(settings: pg.ClientConfig) {
    super(settings);
    const query = this.query.bind(this) as Query;
    this.query = tracing(query) as typeof this.query;
  }
}

function tracing(query: Query): Query {
  return (...parameters) => {
    if (!isRecording()) return query(...parameters);
    const span = openSpan('client', ...describe(parameters[0]));
    return span ? follow(span, query, parameters) : query(...parameters);
  };
}

function describe(statement: unknown): [name: string, attributes: Record<string, string>] {
  const { text } = typeof statement === 'string' ? { text: statement } : (statement as { text?: unknown });
  const told = typeof text === 'string' ? statementText(text) : '';
  const verb = statementVerb(told);
  return [verb, { 'db.system.name': 'postgresql', 'db.operation.name': verb, 'db.query.text': told }];
}

/** Ends the span when the statement ends: by a callback, a stream that closes, or a promise. */
function follow(span: OpenSpan, query: Query, parameters: unknown[]): unknown {
  const [statement] = parameters;
  const last = parameters.at(-1);
  if (typeof last === 'function') {
    const told: Callback = (error, result) => {
      span.end(error ?? undefined);
      (last as Callback)(error, result);
    };
    return query(...parameters.slice(0, -1), told);
  }
  if (statement instanceof EventEmitter) {
    const closed = () => span.end();
    const failed = (error: unknown) => {
      // A COPY that fails may never close.
      statement.off('close', closed);
      span.end(error);
    };
    // The monitor is no listener: an error that nobody listens for stays one.
    statement.once('close', closed).once(errorMonitor, failed);
    return query(...parameters);
  }
  return ending(span, () => query(...parameters));
}
