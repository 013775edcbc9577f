/** Longest a process takes to end after it has been told to; whoever told it usually kills it after ten seconds. */
const SHUTDOWN_MS = 8_000;

/**
 * Ends this process in time once it is told to. While Redis is away the queues' clients would wait for it without end;
 * running jobs are handed back before that, in the database.
 */
export function endInTime(): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => setTimeout(() => process.exit(0), SHUTDOWN_MS).unref());
}
