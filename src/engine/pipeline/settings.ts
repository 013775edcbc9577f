import { InvalidInputError } from '../errors.ts';
import type { SignalAvailability } from '../features/schema.ts';
import { checkHorizon } from '../series/check.ts';
import type { Panel } from '../series/panel.ts';
import type { Budget, TrainOptions } from './types.ts';

/** Training options with every default filled in. */
export interface TrainSettings {
  readonly seed: number;
  readonly horizon: number;
  readonly holdOutDays: number;
  readonly knownPrice: boolean;
  readonly knownPromotion: boolean;
  readonly maxRows: number;
  readonly trees: number;
  readonly maxLeaves: number;
  readonly powers: readonly number[];
  readonly windowDays: number;
}

/**
 * What each budget buys. Small pooled models saturate early on retail demand: two boosters on different rows gain more
 * than one of twice the size.
 */
const BUDGETS: Record<Budget, Pick<TrainSettings, 'maxRows' | 'trees' | 'maxLeaves' | 'powers'>> = {
  quick: { maxRows: 30_000, trees: 50, maxLeaves: 31, powers: [1.3] },
  standard: { maxRows: 80_000, trees: 60, maxLeaves: 31, powers: [1.1, 1.5] },
  thorough: { maxRows: 200_000, trees: 100, maxLeaves: 63, powers: [1.1, 1.3, 1.5] },
};

/** Fills in defaults. @throws InvalidInputError naming an option out of its range */
export function resolveOptions(options: TrainOptions): TrainSettings {
  const budget = BUDGETS[options.budget ?? 'standard'];
  const settings = {
    ...budget,
    seed: options.seed ?? 1,
    horizon: options.horizon ?? 28,
    holdOutDays: options.holdOutDays ?? 30,
    knownPrice: options.known?.price ?? false,
    knownPromotion: options.known?.promotion ?? false,
    maxRows: options.maxTrainingRows ?? budget.maxRows,
    windowDays: options.trainingWindowDays ?? 1400,
  };
  checkHorizon(settings.horizon);
  const atLeastOne = ['holdOutDays', 'maxRows', 'windowDays'] as const;
  for (const name of atLeastOne)
    if (!Number.isInteger(settings[name]) || settings[name] < 1)
      throw new InvalidInputError(`${name} is ${settings[name]}, expected a whole number of at least 1`);
  if (!Number.isInteger(settings.seed))
    throw new InvalidInputError(`seed is ${settings.seed}, expected a whole number`);
  return settings;
}

/** The signals a model on this panel may use. */
export function availabilityOf(panel: Panel, hasEvents: boolean, settings: TrainSettings): SignalAvailability {
  return {
    price: panel.price !== null,
    promotion: panel.promotion !== null,
    events: hasEvents,
    knownPrice: settings.knownPrice,
    knownPromotion: settings.knownPromotion,
  };
}
