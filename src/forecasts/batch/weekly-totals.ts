import {
  type ComponentForecast,
  createSamplePaths,
  type Forecast,
  type PathSum,
  persistenceOf,
  quantilesOfSums,
  weekdayOf,
} from '../../engine/index.ts';

export const WEEK_DAYS = 7;

/** Paths each distribution of a week is read from: its P10 and P90 then scatter by a fourteenth of its spread. */
const PATHS = 500;
const SEED = 1;
/** Rows whose paths are summed at a time: some ten megabytes of them. */
const CHUNK_ROWS = 256;

/** Days from a first forecast day up to the end of so many whole weeks from Monday to Sunday. */
export function daysToCover(firstDay: number, weeks: number): number {
  return daysToMonday(firstDay) + weeks * WEEK_DAYS;
}

function daysToMonday(day: number): number {
  return (WEEK_DAYS - weekdayOf(day)) % WEEK_DAYS;
}

/**
 * Forecasts of the whole weeks (Monday to Sunday) within a daily forecast, in the same shape: period `h` of a row is the
 * week that begins `7 h` days after `startPeriod`, a Monday. Means are the sums of the days' means. Quantiles are those of
 * sums along sample paths: each day keeps its own distribution, and errors last from day to day as long as makes the
 * variance of a sum of seven days what was measured on sums.
 */
export function weeklyTotals(daily: Forecast): Forecast {
  const skipped = daysToMonday(daily.startPeriod);
  const weeks = Math.max(0, Math.floor((daily.horizon - skipped) / WEEK_DAYS));
  const inflation = daily.sumInflation[Math.min(WEEK_DAYS, daily.sumInflation.length) - 1] ?? 1;
  const span = { horizon: daily.horizon, skipped, weeks, levels: daily.levels, inflation };
  const { productTotals } = daily;
  return {
    ...daily,
    startPeriod: daily.startPeriod + skipped,
    horizon: weeks,
    mean: weekSums(daily.mean, span),
    quantiles: weekQuantiles(daily.mean, daily.quantiles, span),
    components: daily.components.map(({ name, mean }): ComponentForecast => ({ name, mean: weekSums(mean, span) })),
    productTotals: {
      ...productTotals,
      mean: weekSums(productTotals.mean, span),
      quantiles: weekQuantiles(productTotals.mean, productTotals.quantiles, span),
    },
  };
}

/** Where the weeks lie in arrays of days. */
interface Span {
  /** Days of a row. */
  readonly horizon: number;
  /** Days before the first Monday. */
  readonly skipped: number;
  readonly weeks: number;
  readonly levels: readonly number[];
  /** Variance of seven days together over the sum of their variances. */
  readonly inflation: number;
}

function weekSums(mean: Float32Array, { horizon, skipped, weeks }: Span): Float32Array {
  const rows = mean.length / horizon;
  const sums = new Float32Array(rows * weeks);
  for (let row = 0; row < rows; row++)
    for (let week = 0; week < weeks; week++) {
      let sum = 0;
      const from = row * horizon + skipped + week * WEEK_DAYS;
      for (let at = from; at < from + WEEK_DAYS; at++) sum += mean[at];
      sums[row * weeks + week] = sum;
    }
  return sums;
}

function weekQuantiles(
  mean: Float32Array,
  quantiles: readonly Float32Array[],
  { horizon, skipped, weeks, levels, inflation }: Span,
): Float32Array[] {
  const rows = mean.length / horizon;
  const paths = createSamplePaths({
    mean,
    quantiles,
    levels,
    horizon,
    groups: [],
    // An inflation of 1 + (n - 1) r is that of n days of which any two go together by r on average.
    errors: {
      shares: [],
      persistence: [],
      ownPersistence: persistenceOf((inflation - 1) / (WEEK_DAYS - 1), WEEK_DAYS),
    },
    paths: PATHS,
    seed: SEED,
  });
  const out = levels.map(() => new Float32Array(rows * weeks));
  for (let begin = 0; begin < rows; begin += CHUNK_ROWS) {
    const sums: PathSum[] = [];
    for (let row = begin; row < Math.min(rows, begin + CHUNK_ROWS); row++)
      for (let week = 0; week < weeks; week++) {
        const from = skipped + week * WEEK_DAYS;
        sums.push({ rows: [row], from, to: from + WEEK_DAYS });
      }
    const found = quantilesOfSums(paths, sums, levels);
    found.quantiles.forEach((values, level) => out[level].set(values, begin * weeks));
  }
  return out;
}
