import { InvalidInputError } from '../errors.ts';
import type { SignalAvailability } from '../features/schema.ts';
import { checkHorizon } from '../series/check.ts';
import { TRAITS, type Frequency } from '../series/frequency.ts';
import { isPlanned, type Panel } from '../series/panel.ts';
import type { Budget, TrainOptions } from './types.ts';

/** Training options with every default filled in. Lengths in periods. */
export interface TrainSettings {
  readonly seed: number;
  readonly horizon: number;
  readonly holdOutPeriods: number;
  readonly knownPrice: boolean;
  readonly knownPromotion: boolean;
  readonly maxRows: number;
  readonly trees: number;
  readonly maxLeaves: number;
  readonly powers: readonly number[];
  readonly logMembers: number;
  readonly aggregateTrees: number;
  readonly window: number;
  readonly threads: number;
}

type Spending = Pick<TrainSettings, 'maxRows' | 'trees' | 'maxLeaves' | 'powers' | 'logMembers' | 'aggregateTrees'>;

/**
 * What each budget buys. Small pooled models saturate early on retail demand: two boosters on different rows gain more
 * than one of twice the size.
 */
const BUDGETS: Record<Budget, Spending> = {
  quick: { maxRows: 30_000, trees: 50, maxLeaves: 31, powers: [1.3], logMembers: 1, aggregateTrees: 0 },
  standard: { maxRows: 80_000, trees: 60, maxLeaves: 31, powers: [1.1, 1.5], logMembers: 1, aggregateTrees: 120 },
  thorough: { maxRows: 400_000, trees: 75, maxLeaves: 63, powers: [1.1, 1.3, 1.5], logMembers: 2, aggregateTrees: 200 },
};
const HORIZON: Readonly<Record<Frequency, number>> = { hourly: 168, daily: 28, weekly: 8, monthly: 12 };
const HOLD_OUT: Readonly<Record<Frequency, number>> = { hourly: 168, daily: 30, weekly: 8, monthly: 6 };
/** Years of targets a pooled model learns from: it must have met moving feasts three times. */
const WINDOW_YEARS = 3.84;

/** Rows that a pooled model is fitted on at most, by budget. */
export function trainingRowsOf(budget: Budget): number {
  return BUDGETS[budget].maxRows;
}

/** Fills in defaults. @throws InvalidInputError naming an option out of its range */
export function resolveOptions(options: TrainOptions, frequency: Frequency): TrainSettings {
  const budget = BUDGETS[options.budget ?? 'standard'];
  const settings = {
    ...budget,
    seed: options.seed ?? 1,
    horizon: options.horizon ?? HORIZON[frequency],
    holdOutPeriods: options.holdOutPeriods ?? HOLD_OUT[frequency],
    knownPrice: options.known?.price ?? false,
    knownPromotion: options.known?.promotion ?? false,
    maxRows: options.maxTrainingRows ?? budget.maxRows,
    window: options.trainingWindow ?? Math.round(WINDOW_YEARS * TRAITS[frequency].year),
    threads: options.threads ?? 1,
  };
  checkHorizon(settings.horizon);
  const least = { holdOutPeriods: 0, maxRows: 1, window: 1, threads: 1 };
  for (const name of ['holdOutPeriods', 'maxRows', 'window', 'threads'] as const)
    if (!Number.isInteger(settings[name]) || settings[name] < least[name])
      throw new InvalidInputError(`${name} is ${settings[name]}, expected a whole number of at least ${least[name]}`);
  if (!Number.isInteger(settings.seed))
    throw new InvalidInputError(`seed is ${settings.seed}, expected a whole number`);
  return settings;
}

/** The signals a model on this panel may use. */
export function availabilityOf(panel: Panel, hasEvents: boolean, settings: TrainSettings): SignalAvailability {
  return {
    frequency: panel.frequency ?? 'daily',
    price: panel.price !== null,
    promotion: panel.promotion !== null,
    events: hasEvents,
    knownPrice: settings.knownPrice,
    knownPromotion: settings.knownPromotion,
    covariates: (panel.covariates ?? []).map((covariate) => {
      const { name, known, values } = covariate;
      return { name, known, flag: isPlanned(covariate) && isFlag(values) };
    }),
    attributes: (panel.attributes ?? []).map(({ name }) => name),
  };
}

/** Whether values are nothing but 0, 1 and unknown. */
function isFlag(values: Float32Array): boolean {
  return values.every((value) => value === 0 || value === 1 || Number.isNaN(value));
}
