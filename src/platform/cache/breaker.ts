/** Failures in a row after which a server is left alone. */
const MOST_FAILURES = 5;
/** How long it is left alone before one call tries it again. */
const REST_MS = 2_000;

/**
 * Spares callers the wait for a server that does not answer: after five failures in a row calls fail at once, and every two
 * seconds one may try whether it is back.
 */
export class Breaker {
  private failures = 0;
  private closedUntil = -Infinity;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether the server is being left alone. */
  get open(): boolean {
    return this.failures >= MOST_FAILURES;
  }

  /** Runs `work`; null at once while the server is left alone, and null when it fails. */
  async run<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.failures >= MOST_FAILURES) {
      if (this.now() < this.closedUntil) return null;
      // The others go on without while this one tries.
      this.closedUntil = this.now() + REST_MS;
    }
    try {
      const value = await work();
      this.failures = 0;
      return value;
    } catch {
      this.failures++;
      this.closedUntil = this.now() + REST_MS;
      return null;
    }
  }
}
