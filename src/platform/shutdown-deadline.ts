/**
 * Ends this process in time once it is told to. While Redis is away the queues' clients would wait for it without end;
 * running jobs are handed back before that, in the database.
 * @param deadlineMs longest the process takes to end; less than what it is given before it is killed
 */
export function endInTime(deadlineMs: number): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => setTimeout(() => process.exit(0), deadlineMs).unref());
}
