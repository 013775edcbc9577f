import { JobStoppedError } from '../queue/index.ts';

/** What a chore goes by. */
export interface ChoreContext {
  readonly now: Date;
  /** Finished before this, and nobody needs it any more. */
  readonly before: Date;
  /** Aborts when the work shall end; a chore then goes on the next day. */
  readonly signal: AbortSignal;
}

/** Something that grows and has to be cleared away. */
export interface Chore {
  /** Unique; words with hyphens. */
  readonly name: string;
  /** Clears away what is old, in parts of a bounded size each. @returns how many things went */
  clean(context: ChoreContext): Promise<number>;
}

/** Parts cleared away in one day at most; what is left then waits for the next. */
const MOST_PARTS = 1_000;

/**
 * Clears away part after part, until one is not full.
 * @param part clears away at most `size` things in a transaction of its own and answers how many there were
 * @throws JobStoppedError between two parts
 */
export async function inParts(signal: AbortSignal, size: number, part: () => Promise<number>): Promise<number> {
  let total = 0;
  for (let n = 0; n < MOST_PARTS; n++) {
    if (signal.aborted) throw new JobStoppedError('Stopped between two parts');
    const count = await part();
    total += count;
    if (count < size) break;
  }
  return total;
}
