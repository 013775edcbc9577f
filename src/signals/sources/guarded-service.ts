import {
  BrokenCircuitError,
  CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleAll,
  handleType,
  retry,
  wrap,
} from 'cockatiel';
import { PassingFailureError, ReadLimits, readBounded } from './bounded-read.ts';
import { Ask, SourceFailedError } from './signal-source.ts';

/** How a service is treated. */
export interface Guard extends ReadLimits {
  /** Tries after the first. */
  readonly retries: number;
  /** First pause before another try; it grows, with jitter. */
  readonly pauseMs: number;
  /** Failed tries in a row after which the service is left alone. */
  readonly mostFailures: number;
  /** For how long. */
  readonly restMs: number;
}

/** The guard of a service in use: a document of weather is some 100 kB a year, and nobody waits for it. */
export const GUARD: Guard = {
  timeoutMs: 20_000,
  maxBytes: 16 * 1024 * 1024,
  retries: 2,
  pauseMs: 1_000,
  mostFailures: 5,
  restMs: 30 * 60_000,
};

/** How one call of a service went. */
export interface CallRecord {
  readonly succeeded: boolean;
  /** Tries that reached for the service; 0 = it was left alone. */
  readonly attempts: number;
  readonly durationMs: number;
  readonly error: string | null;
}

/** Reads a document from somewhere. */
export type Read = (name: string, url: URL, stop: AbortSignal) => Promise<string>;

/** Reads from the network within the bounds of a guard. */
export const readFromNetwork =
  (guard: Guard): Read =>
  (_name, url, stop) =>
    readBounded(url, guard, stop);

/**
 * A service with retries and a circuit breaker around it. Each try counts for the breaker, and so does an answer that is not
 * what was agreed: a service that answers nonsense is left alone like one that is down.
 */
export class GuardedService {
  private readonly breaker: CircuitBreakerPolicy;

  /**
   * @param read where documents come from
   * @param note is told of every call
   * @param state what {@link state} answered for an earlier guarded service, to go on from
   */
  constructor(
    private readonly guard: Guard,
    private readonly read: Read,
    private readonly note: (call: CallRecord) => Promise<void>,
    state?: unknown,
  ) {
    const { mostFailures, restMs } = guard;
    this.breaker = circuitBreaker(handleAll, {
      breaker: new ConsecutiveBreaker(mostFailures),
      halfOpenAfter: restMs,
      initialState: state ?? undefined,
    });
  }

  /** Whether the service is being left alone. */
  get open(): boolean {
    return this.breaker.state === CircuitState.Open;
  }

  /** The breaker's state as plain data. */
  get state(): unknown {
    return this.breaker.toJSON();
  }

  /** The way to ask this service. @param stop ends a call and the pauses between tries */
  asking(stop: AbortSignal): Ask {
    return async (name, url, parse) => {
      const { retries: maxAttempts, pauseMs: initialDelay } = this.guard;
      // Decorrelated jitter, the library's default.
      const again = retry(handleType(PassingFailureError), {
        maxAttempts,
        backoff: new ExponentialBackoff({ initialDelay }),
      });
      const began = performance.now();
      let attempts = 0;
      const end = (error: string | null) =>
        this.note({ succeeded: error === null, attempts, durationMs: Math.round(performance.now() - began), error });
      try {
        const value = await wrap(again, this.breaker).execute(async () => {
          attempts++;
          return parse(await this.read(name, url, stop));
        }, stop);
        await end(null);
        return value;
      } catch (error) {
        const message = error instanceof BrokenCircuitError ? 'left alone after failures' : (error as Error).message;
        await end(message.slice(0, 300));
        throw new SourceFailedError(message, { cause: error });
      }
    };
  }
}
