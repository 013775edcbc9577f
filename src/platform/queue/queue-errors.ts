import type { Logger } from '@nestjs/common';

/** While the queue's server is away its clients fail several times a second; one line a minute says enough. */
const QUIET_MS = 60_000;

/** A listener for the errors of queues and workers; without one BullMQ prints each with its stack, past the log. */
export function queueErrorListener(logger: Logger): (error: Error) => void {
  let quietUntil = 0;
  return (error) => {
    if (Date.now() < quietUntil) return;
    quietUntil = Date.now() + QUIET_MS;
    logger.warn(`The queue is away or failing: ${error.message || (error as NodeJS.ErrnoException).code}`);
  };
}
