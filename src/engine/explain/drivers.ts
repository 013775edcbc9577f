import { expScore } from '../gbdt/objective.ts';
import type { Contributions } from './tree-shap.ts';

/** What moves a forecast, in a planner's words. */
export const DRIVERS = [
  'level',
  'trend',
  'weekday',
  'season',
  'price',
  'promotion',
  'holiday',
  'weather',
  'product_and_place',
  'other_signals',
] as const;
export type Driver = (typeof DRIVERS)[number];

/** Patterns of feature names and their drivers; the first that matches counts, a name without one is another signal. */
export const DRIVER_PATTERNS: readonly (readonly [pattern: RegExp, driver: Driver])[] = [
  [/^(covariate|attribute)_.*(price|discount)/i, 'price'],
  [/^covariate_.*(promo|display|feature_ad)/i, 'promotion'],
  [/^covariate_.*(holiday|event)/i, 'holiday'],
  [/^covariate_.*(weather|temperature|rain|precipitation|humidity|wind|snow|sunshine|cloud)/i, 'weather'],
  [/^covariate_/, 'other_signals'],
  [/^attribute_/, 'product_and_place'],
  [/^response_lift|^(product|shelf)_plan_/, 'promotion'],
  [/^(response_mean|unpushed)_/, 'level'],
  [/^price/, 'price'],
  [/^promotion/, 'promotion'],
  [/^(event|nearest_event|to_event|since_event|(days|weeks|months|hours)_(to|since)_)/, 'holiday'],
  [/^nearestEvent|^toEvent|^sinceEvent/, 'holiday'],
  [/(^|_)trend(_|$)/, 'trend'],
  [/(^|_)weekday(_|$)/, 'weekday'],
  [/^(hour|day_of_month|week|month|quarter)(_|$)/, 'season'],
  [/^(year_ago_|season_)/, 'season'],
  [/_(season_ratio|season_profile|ratio)$/, 'season'],
  [/^(sales_lag|rolling|ewma|zero_run|nonzero_share|availability)/, 'level'],
  [/^(age|horizon)$/, 'trend'],
  [/^(category|location|product|shelf)(_|$)/, 'product_and_place'],
];

/** The driver that a feature belongs to, by {@link DRIVER_PATTERNS}. */
export function driverOf(featureName: string): Driver {
  return DRIVER_PATTERNS.find(([pattern]) => pattern.test(featureName))?.[1] ?? 'other_signals';
}

/** How the score becomes the forecast. */
export type ScoreLink = 'identity' | 'log' | 'logit';

/** A row's forecast taken apart, in units. */
export interface DriverShares<K extends string = Driver> {
  /** Forecast of a row of which nothing is known. */
  readonly base: number;
  /** Units by driver; together with `base` they are `forecast`. */
  readonly drivers: Readonly<Record<K, number>>;
  readonly forecast: number;
}

function response(score: number, link: ScoreLink): number {
  if (link === 'identity') return score;
  return link === 'log' ? expScore(score) : 1 / (1 + expScore(-score));
}

/** Slope of the link at a score, where base and forecast are too close to divide by their distance. */
function slope(value: number, link: ScoreLink): number {
  if (link === 'identity') return 1;
  return link === 'log' ? value : value * (1 - value);
}

/**
 * Sums contributions by driver and turns them into units. Proportional attribution on the link scale: the difference
 * between forecast and base is shared in proportion to the drivers' contributions to the score. With a log link a unit
 * of score is then worth the logarithmic mean of base and forecast, as in the LMDI decomposition (Ang 2004): no order
 * among the drivers is needed, none is left over, and a driver's sign is that of its contribution.
 */
export function driverShares(contributions: Contributions, link: ScoreLink): DriverShares[] {
  return sharesBy(contributions, link, DRIVERS, driverOf);
}

/** {@link driverShares} by a grouping of one's own. @param groupOf the group of a feature's name, one of `groups` */
export function sharesBy<K extends string>(
  { names, values, baseValue, rowCount }: Contributions,
  link: ScoreLink,
  groups: readonly K[],
  groupOf: (featureName: string) => K,
): DriverShares<K>[] {
  const groupAt = names.map((name) => groups.indexOf(groupOf(name)));
  const base = response(baseValue, link);
  return Array.from({ length: rowCount }, (_, row) => {
    const sums = new Float64Array(groups.length);
    let moved = 0;
    for (let f = 0; f < names.length; f++) {
      const contribution = values[row * names.length + f];
      sums[groupAt[f]] += contribution;
      moved += contribution;
    }
    const forecast = response(baseValue + moved, link);
    const unit = Math.abs(moved) > 1e-9 ? (forecast - base) / moved : slope(base, link);
    const drivers = Object.fromEntries(groups.map((group, g) => [group, sums[g] * unit])) as Record<K, number>;
    return { base, drivers, forecast };
  });
}
