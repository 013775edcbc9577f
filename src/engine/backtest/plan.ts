/** Where a panel is cut for validation and for the final judgement. Day counts, not dates. */
export interface BacktestPlan {
  /** Days forecast at each origin; 0 = the history is too short to hold anything out. */
  readonly days: number;
  /** Days visible at each validation origin, ascending; the first is the one the validated model is fitted on. */
  readonly validationOrigins: readonly number[];
  /** Days visible to the evaluated model. */
  readonly holdOutOrigin: number;
}

/** Fewest days worth judging a forecast on. */
const FEWEST_DAYS = 7;

/**
 * Plans a hold-out at the end and validation folds just before it, one after the other and never overlapping: weights
 * and intervals are learned on the folds, so that the hold-out stays unseen by everything it judges. Short histories
 * hold out a quarter of their days; under four weeks nothing is held out.
 */
export function planBacktest(periodCount: number, holdOutDays: number): BacktestPlan {
  const days = periodCount >= 4 * holdOutDays ? holdOutDays : Math.floor(periodCount / 4);
  if (days < Math.min(FEWEST_DAYS, holdOutDays)) return { days: 0, validationOrigins: [], holdOutOrigin: periodCount };
  const holdOutOrigin = periodCount - days;
  const folds = periodCount >= 6 * days ? 2 : 1;
  const validationOrigins = Array.from({ length: folds }, (_, f) => holdOutOrigin - days * (folds - f));
  return { days, validationOrigins, holdOutOrigin };
}
