import { Logger } from '@nestjs/common';
import { BrokenCircuitError, circuitBreaker, CircuitState, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import { observeBreakers } from '../metrics/metrics.ts';

/** When a store is left alone, and for how long. */
export interface StoreRest {
  /** Operations that failed in a row, each after all its tries. */
  readonly mostFailures: number;
  /** Then nobody asks for so long; after it one may, and tells by that whether the store is back. */
  readonly restMs: number;
}

/** For the API, whose callers would else wait for each try of a store that is away. */
export const STORE_REST: StoreRest = { mostFailures: 5, restMs: 5_000 };

/** Whether it was the server that failed, and not what was asked of it. */
function isAway(error: Error): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status === undefined || status >= 500;
}

/** Whether an error says that the store was not asked at all. */
export const wasLeftAlone = (error: unknown): boolean => error instanceof BrokenCircuitError;

/** Spares callers the wait for an object store that is away: runs what asks it, or refuses at once. */
export class StoreBreaker {
  private readonly logger = new Logger(StoreBreaker.name);
  private readonly policy;

  constructor({ mostFailures, restMs }: StoreRest) {
    this.policy = circuitBreaker(handleWhen(isAway), {
      breaker: new ConsecutiveBreaker(mostFailures),
      halfOpenAfter: restMs,
    });
    this.policy.onBreak(() => this.logger.warn({ message: 'object store is left alone', rest_ms: restMs }));
    this.policy.onReset(() => this.logger.log({ message: 'object store is back' }));
    observeBreakers('object store', () => new Map([['object store', this.open]]));
  }

  /** Whether the store is being left alone. */
  get open(): boolean {
    return this.policy.state !== CircuitState.Closed;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.policy.execute(work);
  }
}
