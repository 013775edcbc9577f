import { AppError } from '../../platform/http/index.ts';
import { EventColumns } from './event.ts';
import { MAX_EVENTS } from './read-body.ts';

/** Batches written at a time: a part of the process' connections, which other requests need as well. */
const MOST_AT_ONCE = 4;
/** Bytes that may wait to be written; what comes beyond is asked to come again. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
const RETRY_AFTER_SECONDS = 1;

interface Waiting {
  readonly events: EventColumns;
  readonly bytes: number;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Writes batches of events a few at a time. Requests that come while all are busy are written together, in one
 * transaction: many tills that send one event each cost little more than one that sends many.
 */
export class InboxWriter {
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  private active = 0;

  /** @param keep writes a batch; it is durable once the promise is fulfilled */
  constructor(private readonly keep: (events: EventColumns) => Promise<void>) {}

  /**
   * Fulfilled once the events are durable.
   * @throws AppError 503 when too much waits already
   */
  async write(events: EventColumns): Promise<void> {
    const bytes = events.lines.reduce((sum, line) => sum + line.length, 0);
    if (this.active === MOST_AT_ONCE && this.waitingBytes + bytes > MOST_WAITING_BYTES) {
      const headers = { 'retry-after': String(RETRY_AFTER_SECONDS) };
      throw new AppError(503, 'STREAM_BUSY', 'More events come in than can be kept; send these again', [], headers);
    }
    const written = new Promise<void>((resolve, reject) => this.waiting.push({ events, bytes, resolve, reject }));
    this.waitingBytes += bytes;
    if (this.active < MOST_AT_ONCE) void this.drain();
    return written;
  }

  private async drain(): Promise<void> {
    this.active++;
    for (let next = this.take(); next.length > 0; next = this.take()) {
      try {
        await this.keep(merged(next.map(({ events }) => events)));
        for (const { resolve } of next) resolve();
      } catch (error) {
        for (const { reject } of next) reject(error as Error);
      }
    }
    this.active--;
  }

  /** The requests that have waited for longest, as many as make one batch. */
  private take(): Waiting[] {
    let count = 0;
    let events = 0;
    for (const { length } of this.waiting.map((one) => one.events.ids)) {
      if (count > 0 && events + length > MAX_EVENTS) break;
      events += length;
      count++;
    }
    const next = this.waiting.splice(0, count);
    for (const { bytes } of next) this.waitingBytes -= bytes;
    return next;
  }
}

function merged(batches: readonly EventColumns[]): EventColumns {
  if (batches.length === 1) return batches[0];
  const all = new EventColumns();
  for (const column of Object.keys(all) as (keyof EventColumns)[]) {
    const target = all[column] as unknown[];
    for (const batch of batches) for (const value of batch[column]) target.push(value);
  }
  return all;
}
