import { forecastWith, type Forecast, type FuturePlan } from '../../src/engine/index.ts';
import {
  aggregateQuantiles,
  fitAggregateSpread,
  nodeSpread,
  SPREAD_WINDOWS,
  type AggregateFold,
} from '../../src/engine/intervals/aggregate.ts';
import { sumByNode } from '../../src/engine/metrics/weighted.ts';
import { M5_HORIZON, m5Levels, m5Panel, M5_QUANTILES, type M5, type M5Scorer } from './m5-evaluator.ts';

/** Sums whose distribution is taken from their own history: total to store × department. */
const SUM_LEVELS = 9;

/** What an earlier window tells about each of the levels 1–9. */
export type PastFold = readonly AggregateFold[];

/** Forecast after `origin` by a model fitted earlier. */
export function bridgeForecast(m5: M5, origin: number, model: string, future: FuturePlan): Forecast {
  return forecastWith(model, m5Panel(m5, origin), m5.calendar.events, { horizon: M5_HORIZON, future });
}

/** Forecast and actual sums of the window after an origin. @param mean bottom series `[seriesCount * 28]` */
export function foldOf(m5: M5, origin: number, mean: Float32Array): PastFold {
  const actual = new Float32Array(m5.seriesCount * M5_HORIZON);
  for (let s = 0; s < m5.seriesCount; s++) {
    const from = s * m5.salesDays + origin;
    actual.set(m5.sales.subarray(from, from + M5_HORIZON), s * M5_HORIZON);
  }
  return sumLevels(m5).map((level) => ({
    mean: sumByNode(mean, M5_HORIZON, M5_HORIZON, level),
    actual: sumByNode(actual, M5_HORIZON, M5_HORIZON, level),
    spread: nodeSpread(sumByNode(m5.sales, m5.salesDays, origin, level), origin, SPREAD_WINDOWS.daily),
  }));
}

/**
 * WSPL over the 12 levels.
 * @param folds windows that end before the origin
 */
export function scoreUncertainty(
  m5: M5,
  scorer: M5Scorer,
  origin: number,
  forecast: Forecast,
  folds: readonly PastFold[],
): number {
  const pick = ({ levels, quantiles }: Pick<Forecast, 'levels' | 'quantiles'>) =>
    M5_QUANTILES.map((quantile) => quantiles[levels.indexOf(quantile)]);
  const sums = sumLevels(m5).map((level, index) => {
    const spread = nodeSpread(sumByNode(m5.sales, m5.salesDays, origin, level), origin, SPREAD_WINDOWS.daily);
    const factor = fitAggregateSpread(folds.map((fold) => fold[index]));
    return aggregateQuantiles(sumByNode(forecast.mean, M5_HORIZON, M5_HORIZON, level), spread, factor, M5_QUANTILES);
  });
  const bottom = pick(forecast);
  // Items are numbered by first appearance, so the nodes of level 10 are the rows of the product totals.
  const items = pick({ levels: forecast.levels, quantiles: forecast.productTotals.quantiles });
  const { mean, byLevel } = scorer.scoreQuantiles([...sums, items, bottom, bottom]);
  console.log(`WSPL by level ${byLevel.map((score) => score?.toFixed(4)).join(' ')}`);
  return mean ?? NaN;
}

function sumLevels(m5: M5) {
  return m5Levels(m5).slice(0, SUM_LEVELS);
}
