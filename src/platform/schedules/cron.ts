import { Cron } from 'croner';

/** Missed ticks are counted up to this many: the number is for people. */
const MOST_COUNTED = 1_000;

function parse(cron: string, timezone: string): Cron {
  return new Cron(cron, { timezone, paused: true, mode: '5-part' });
}

/**
 * Whether a text is a cron expression of five parts (minute, hour, day of month, month, day of week) that comes due at
 * least once after `now`.
 */
export function isCron(cron: string, now: Date): boolean {
  try {
    return parse(cron, 'UTC').nextRun(now) !== null;
  } catch {
    return false;
  }
}

/** The latest time at or before `now` at which a schedule came due; null if there is none. */
export function latestTick(cron: string, timezone: string, now: Date): Date | null {
  // The look backwards leaves its own start out.
  return parse(cron, timezone).previousRuns(1, new Date(now.getTime() + 1))[0] ?? null;
}

/** The first time after `now` at which a schedule comes due. */
export function nextTick(cron: string, timezone: string, now: Date): Date | null {
  return parse(cron, timezone).nextRun(now);
}

/** How many ticks lie between two times, both left out; at most {@link MOST_COUNTED}. */
export function countTicks(cron: string, timezone: string, after: Date, before: Date): number {
  const parsed = parse(cron, timezone);
  let count = 0;
  for (let tick = parsed.nextRun(after); tick && tick < before && count < MOST_COUNTED; tick = parsed.nextRun(tick))
    count++;
  return count;
}
