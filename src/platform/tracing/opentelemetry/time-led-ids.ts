import { randomBytes } from 'node:crypto';
import type { IdGenerator } from '@opentelemetry/sdk-trace';

const TRACE_RANDOM_BYTES = 12;
const SPAN_BYTES = 8;

function randomHex(bytes: number): string {
  const hex = randomBytes(bytes).toString('hex');
  return /[^0]/.test(hex) ? hex : randomHex(bytes);
}

/**
 * Ids of traces whose first four bytes are the second they began in, the rest random. For W3C Trace Context they are
 * like all others, and AWS X-Ray needs them so unless its collector is recent.
 */
export class TimeLedIds implements IdGenerator {
  constructor(private readonly now: () => number = Date.now) {}

  generateTraceId(): string {
    const seconds = Math.floor(this.now() / 1000);
    return seconds.toString(16).padStart(8, '0') + randomHex(TRACE_RANDOM_BYTES);
  }

  generateSpanId(): string {
    return randomHex(SPAN_BYTES);
  }
}
