import {
  aggregateQuantiles,
  nodeSpread,
  scoringScales,
  SPREAD_WINDOWS,
  sumByNode,
  weightedPinball,
  weightedRmsse,
  type Forecast,
  type LevelScales,
  type Measure,
  type Panel,
  type ScoringLevel,
} from '../engine/index.ts';

/** Days of revenue that weigh the series. */
const WEIGHT_DAYS = 28;
/** Quantiles of the M5 uncertainty competition. */
const PROBABILITIES = [0.005, 0.025, 0.165, 0.25, 0.5, 0.75, 0.835, 0.975, 0.995];

/** What WRMSSE and WSPL are scaled with, computed before the panel moves to the training. */
export interface LevelBaseline {
  readonly scales: readonly LevelScales[];
  /** Everyday variation of the nodes of each level; null where quantiles of its nodes are forecast. */
  readonly spreads: readonly (Float64Array | null)[];
}

/** Scores of the M5 competition. */
export interface LevelScores {
  readonly wrmsse: Measure;
  readonly wspl: Measure;
  readonly byLevel: readonly { readonly level: string; readonly wrmsse: Measure; readonly wspl: Measure }[];
  readonly seasonalNaiveWrmsse: Measure;
}

/** The twelve levels of M5 from what describes a series; nodes are numbered in the order of their codes. */
export function m5ScoringLevels({ seriesCount, product, location, category, attributes = [] }: Panel): ScoringLevel[] {
  const attribute = (name: string) =>
    attributes.find((candidate) => candidate.name === name)?.codes ?? new Int32Array(seriesCount);
  const [state, kind] = [attribute('state'), attribute('cat')];
  const level = (name: string, of: Int32Array, and: Int32Array = new Int32Array(seriesCount)): ScoringLevel => {
    const keys = Float64Array.from(of, (code, s) => code * 2 ** 26 + and[s]);
    const distinct = [...new Set(keys)].sort((a, b) => a - b);
    const rank = new Map(distinct.map((key, index) => [key, index]));
    return { name, nodeOf: Int32Array.from(keys, (key) => rank.get(key) as number), count: distinct.length };
  };
  return [
    level('total', new Int32Array(seriesCount)),
    level('state', state),
    level('store', location),
    level('category', kind),
    level('department', category),
    level('state × category', state, kind),
    level('state × department', state, category),
    level('store × category', location, kind),
    level('store × department', location, category),
    level('item', product),
    level('item × state', product, state),
    level('item × store', product, location),
  ];
}

/** Scales, weights (revenue of the last 28 days, units where prices are missing) and spreads of the twelve levels. */
export function levelBaselineOf(panel: Panel): LevelBaseline {
  const { seriesCount, periodCount, sales, price } = panel;
  const weights = Float64Array.from({ length: seriesCount }, (_, s) => {
    let sum = 0;
    for (let t = Math.max(0, periodCount - WEIGHT_DAYS); t < periodCount; t++) {
      const at = s * periodCount + t;
      if (sales[at] > 0) sum += sales[at] * (price && price[at] > 0 ? price[at] : price ? 0 : 1);
    }
    return sum;
  });
  const levels = m5ScoringLevels(panel);
  const scales = scoringScales({ values: sales, stride: periodCount, length: periodCount }, levels, weights);
  const spreads = levels.map((level) =>
    level.count === seriesCount || level.name === 'item'
      ? null
      : nodeSpread(sumByNode(sales, periodCount, periodCount, level), periodCount, SPREAD_WINDOWS.daily),
  );
  return { scales, spreads };
}

/**
 * WRMSSE and WSPL over the twelve levels. Quantiles of single series and of items everywhere are those of the forecast;
 * those of other sums are lognormal around the summed means, as wide as the everyday variation of the sum.
 * @param actual `[seriesCount * horizon]`
 */
export function scoreLevels(
  forecast: Forecast,
  actual: Float32Array,
  naive: Float32Array,
  { scales, spreads }: LevelBaseline,
): LevelScores {
  const { horizon, levels, quantiles, productTotals, mean } = forecast;
  const pick = (from: readonly Float32Array[]) => PROBABILITIES.map((level) => from[levels.indexOf(level)]);
  const perLevel = scales.map(({ level }, index) => {
    const spread = spreads[index];
    if (spread) return aggregateQuantiles(sumByNode(mean, horizon, horizon, level), spread, 1, PROBABILITIES);
    return level.name === 'item' ? pick(productTotals.quantiles) : bySeries(pick(quantiles), level.nodeOf, horizon);
  });
  const points = weightedRmsse(scales, actual, mean, horizon);
  const losses = weightedPinball(scales, actual, perLevel, PROBABILITIES, horizon);
  return {
    wrmsse: points.mean,
    wspl: losses.mean,
    byLevel: scales.map(({ level }, index) => ({
      level: level.name,
      wrmsse: points.byLevel[index],
      wspl: losses.byLevel[index],
    })),
    seasonalNaiveWrmsse: weightedRmsse(scales, actual, naive, horizon).mean,
  };
}

/** Rows of the series in the order of a level that has a node for each of them. */
function bySeries(values: readonly Float32Array[], nodeOf: ArrayLike<number>, horizon: number): Float32Array[] {
  return values.map((from) => {
    const to = new Float32Array(from.length);
    for (let s = 0; s < nodeOf.length; s++) to.set(from.subarray(s * horizon, (s + 1) * horizon), nodeOf[s] * horizon);
    return to;
  });
}
