import type { DataSource } from 'typeorm';
import { ChoreContext, inParts } from '../../platform/housekeeping/index.ts';

const PART_ROWS = 1_000;
/** An idle look is of interest for a day: there is one each minute. */
const KEPT_MS = 86_400_000;

/** Removes the jobs that looked into the drop folder and found nothing to do; those that did something stay as all jobs do. */
export function forgetIdleLooks({ manager }: DataSource, { now, signal }: ChoreContext): Promise<number> {
  const before = new Date(now.getTime() - KEPT_MS);
  return inParts(signal, PART_ROWS, async () => {
    const [, count] = await manager.query<[unknown[], number]>(
      `DELETE FROM jobs WHERE id IN (
         SELECT id FROM jobs WHERE kind = 'sales-drops' AND state = 'succeeded' AND finished_at < $1
           AND result @> '{"taken": 0, "joined": 0, "refused": 0}' ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
      [before, PART_ROWS],
    );
    return count;
  });
}
