import type { Frequency } from '../series/frequency.ts';

/** Where a panel is cut for validation and for the final judgement. Counts of periods, not dates. */
export interface BacktestPlan {
  /** Periods forecast at each origin; 0 = the history is too short to hold anything out. */
  readonly periods: number;
  /** Periods visible at each validation origin, ascending; the first is the one the validated model is fitted on. */
  readonly validationOrigins: readonly number[];
  /** Periods visible to the evaluated model; all of them where nothing is held out. */
  readonly holdOutOrigin: number;
}

/** Fewest periods worth judging a forecast on. */
const FEWEST: Readonly<Record<Frequency, number>> = { hourly: 24, daily: 7, weekly: 2, monthly: 2 };
/** Periods the folds should cover together, by two to four folds. */
const COVERED: Readonly<Record<Frequency, number>> = { hourly: 336, daily: 56, weekly: 16, monthly: 24 };

/**
 * Plans a hold-out at the end and validation folds just before it, one after the other and never overlapping: weights
 * and intervals are learned on the folds, so that the hold-out stays unseen by everything it judges. Short histories
 * hold out a quarter of their periods; the shortest nothing.
 * @param holdOut periods to hold out; 0 = none, and the folds of `foldPeriods` reach to the end
 */
export function planBacktest(
  periodCount: number,
  frequency: Frequency,
  holdOut: number,
  foldPeriods: number,
): BacktestPlan {
  const wanted = holdOut > 0 ? holdOut : foldPeriods;
  const periods = periodCount >= 4 * wanted ? wanted : Math.floor(periodCount / 4);
  if (periods < Math.min(FEWEST[frequency], wanted) || periods < 1)
    return { periods: 0, validationOrigins: [], holdOutOrigin: periodCount };
  const holdOutOrigin = holdOut > 0 ? periodCount - periods : periodCount;
  const useful = Math.min(4, Math.max(2, Math.ceil(COVERED[frequency] / periods)));
  const possible = Math.floor(holdOutOrigin / 2 / periods);
  const folds = Math.max(1, Math.min(useful, possible));
  const validationOrigins = Array.from({ length: folds }, (_, f) => holdOutOrigin - periods * (folds - f));
  return { periods, validationOrigins, holdOutOrigin };
}
