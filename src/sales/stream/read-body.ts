import { AppError, InvalidRequestError } from '../../platform/http/index.ts';
import { EventClock, EventColumns, EventReader, MAX_EVENT_BYTES, Refusal } from './event.ts';

/** Events of one request. */
export const MAX_EVENTS = 10_000;
const NEWLINE = 0x0a;
/** Refused events that an error answer lists. */
const LISTED_ERRORS = 100;

/** An event that was refused: `index` from 0 in an array, `line` from 1 in JSON lines. */
export type RejectedEvent = Refusal & ({ readonly index: number } | { readonly line: number });

/** Body of a request as it came. */
export interface EventBytes {
  readonly bytes: Buffer;
  /** Whether it is JSON lines and not JSON. */
  readonly lines: boolean;
}

/** What a request's body holds. */
export interface EventBatch {
  readonly accepted: EventColumns;
  readonly duplicates: number;
  readonly rejected: readonly RejectedEvent[];
}

/**
 * Reads the body of a request: one event, an array of them, or JSON lines.
 * @throws AppError 400 when none of it can be accepted, 413 for too many events
 */
export function readEvents({ bytes, lines }: EventBytes, clock: EventClock): EventBatch {
  const reader = new EventReader(clock);
  const rejected: RejectedEvent[] = [];
  const count = lines ? readLines(bytes, reader, rejected) : readJson(bytes, reader, rejected);
  if (count === 0) throw new InvalidRequestError('body', 'holds no event');
  if (rejected.length === count) throw new NothingAcceptedError(rejected);
  return { accepted: reader.accepted, duplicates: reader.duplicates, rejected };
}

/** Reads one event or an array. @returns number of events; @throws InvalidRequestError for a single one that is not fit */
function readJson(bytes: Buffer, reader: EventReader, rejected: RejectedEvent[]): number {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    throw new InvalidRequestError('body', 'is not JSON');
  }
  if (!Array.isArray(body)) {
    const refusal = reader.read(body);
    if (refusal) throw new InvalidRequestError(refusal.field, refusal.reason);
    return 1;
  }
  if (body.length > MAX_EVENTS) throw new TooManyEventsError();
  for (const [index, event] of body.entries()) {
    const refusal = reader.read(event);
    if (refusal) rejected.push({ index, ...refusal });
  }
  return body.length;
}

/** Reads JSON lines; blank ones do not count. @returns number of lines that hold something */
function readLines(bytes: Buffer, reader: EventReader, rejected: RejectedEvent[]): number {
  let count = 0;
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found < 0 ? bytes.length : found;
    const refusal = readLine(bytes, start, end, reader);
    start = end + 1;
    if (refusal === undefined) continue;
    if (++count > MAX_EVENTS) throw new TooManyEventsError();
    if (refusal) rejected.push({ line, ...refusal });
  }
  return count;
}

/** Undefined for a blank line. */
function readLine(bytes: Buffer, start: number, end: number, reader: EventReader): Refusal | null | undefined {
  // Not even decoded: a line of megabytes is no event.
  if (end - start > 2 * MAX_EVENT_BYTES) return { field: 'event', reason: `is larger than ${MAX_EVENT_BYTES} bytes` };
  const text = bytes.toString('utf8', start, end).trim();
  if (text === '') return undefined;
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    return { field: 'event', reason: 'is not JSON' };
  }
  return reader.read(event, text);
}

/** 413: more events than one request may hold. */
class TooManyEventsError extends AppError {
  constructor() {
    super(413, 'TOO_MANY_EVENTS', `A request may hold ${MAX_EVENTS} events; send the rest in another`);
  }
}

/** 400: a batch of which not one event can be accepted. */
class NothingAcceptedError extends AppError {
  constructor(rejected: readonly RejectedEvent[]) {
    const errors = rejected.slice(0, LISTED_ERRORS).map((event) => {
      const place = 'index' in event ? `[${event.index}]` : `line ${event.line}`;
      return { field: `${place}.${event.field}`, message: event.reason };
    });
    super(
      400,
      'INVALID_REQUEST',
      `None of the events can be accepted: ${errors[0].field} ${errors[0].message}`,
      errors,
    );
  }
}
