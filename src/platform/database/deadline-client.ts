import pg from 'pg';
import { currentDeadline, DeadlinePassedError, withoutDeadline } from '../http/index.ts';
import type { RequestDeadline } from '../http/index.ts';

const CANCEL_PATIENCE_MS = 5_000;

/**
 * A pooled connection whose statements end with the request they are for: once that has been given up, the one that runs is
 * cancelled on the server, and no other begins. Outside requests it is a connection like any other.
 */
export class DeadlineClient extends pg.Client {
  private readonly settings: pg.ClientConfig;

  constructor(settings: pg.ClientConfig) {
    super(settings);
    this.settings = settings;
    // Assigned, since what it answers depends on how it is called: nothing that overrides all of that can be typed.
    const query = this.query.bind(this) as (...parameters: unknown[]) => unknown;
    this.query = ((...parameters: unknown[]) => {
      const deadline = currentDeadline();
      const run = () => query(...parameters);
      return deadline === null || tidiesUp(parameters[0]) ? run() : this.within(deadline, run);
    }) as typeof this.query;
  }

  private within(deadline: RequestDeadline, run: () => unknown): unknown {
    if (deadline.passed) return Promise.reject(new DeadlinePassedError());
    const result = run();
    return result instanceof Promise ? this.cancelledWith(deadline, result) : result;
  }

  private async cancelledWith(deadline: RequestDeadline, running: Promise<unknown>): Promise<unknown> {
    let cancelling: Promise<void> | undefined;
    const forget = deadline.onPass(() => (cancelling = this.cancelStatement()));
    try {
      return await running;
    } finally {
      forget();
      // Before the connection goes back: what is cancelled must not be somebody else's statement.
      await cancelling;
    }
  }

  /** Over a connection of its own, since those of the pool may all be waiting. */
  private async cancelStatement(): Promise<void> {
    const { processID } = this as unknown as { readonly processID: number };
    const other = new pg.Client({ ...this.settings, connectionTimeoutMillis: CANCEL_PATIENCE_MS });
    other.on('error', () => undefined);
    try {
      await other.connect();
      await withoutDeadline(async () => {
        // A user may end their own statements; the role they act as by default may not.
        await other.query('SET ROLE NONE');
        await other.query('SELECT pg_cancel_backend($1)', [processID]);
      });
    } catch {
      // Its own time limit ends it then.
    } finally {
      await other.end().catch(() => undefined);
    }
  }
}

/** Streams (COPY) answer to whoever reads them; an open transaction is rolled back, whatever the time. */
function tidiesUp(statement: unknown): boolean {
  return typeof statement === 'string' ? /^\s*ROLLBACK/i.test(statement) : hasSubmit(statement);
}

function hasSubmit(statement: unknown): boolean {
  return typeof (statement as { submit?: unknown } | null)?.submit === 'function';
}
