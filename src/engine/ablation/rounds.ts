import { InvalidInputError } from '../errors.ts';
import { TRAITS, type Frequency } from '../series/frequency.ts';

/** Where the models with and without signals are compared. */
export interface AblationRounds {
  /** Periods forecast at each origin. */
  readonly horizon: number;
  /** Periods visible at each origin, ascending. */
  readonly origins: readonly number[];
}

/** Fewest periods worth comparing forecasts on. */
const FEWEST: Readonly<Record<Frequency, number>> = { hourly: 24, daily: 7, weekly: 2, monthly: 2 };

/**
 * Spreads origins evenly over the last year, so that rain, feasts and holidays of every season have their say, or over the
 * younger half of a short history. What is forecast at them never overlaps.
 * @param rounds origins wanted; a short history has fewer
 * @throws InvalidInputError where the history is too short for any
 */
export function ablationRounds(
  periodCount: number,
  frequency: Frequency,
  wanted: { readonly horizon: number; readonly rounds: number },
): AblationRounds {
  const horizon = Math.min(wanted.horizon, Math.floor(periodCount / 4));
  if (horizon < Math.min(FEWEST[frequency], wanted.horizon))
    throw new InvalidInputError(`panel has ${periodCount} periods, too few to hold any out`);
  const span = Math.min(TRAITS[frequency].year, Math.floor(periodCount / 2));
  const rounds = Math.max(1, Math.min(wanted.rounds, Math.floor(span / horizon)));
  const step = Math.floor(span / rounds);
  const origins = Array.from({ length: rounds }, (_, r) => periodCount - horizon - step * (rounds - 1 - r));
  return { horizon, origins };
}
