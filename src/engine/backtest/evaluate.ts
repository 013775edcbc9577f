import { AccuracyAccumulator, naiveSquaredError, pinballLoss, seasonalNaiveError } from '../metrics/index.ts';
import { totalsByProduct } from '../pipeline/products.ts';
import type { Accuracy, Evaluation, Forecast, HorizonAccuracy, SeriesAccuracy } from '../pipeline/types.ts';
import { TRAITS } from '../series/frequency.ts';
import type { Panel } from '../series/panel.ts';

/** Mean and the three quantiles that are judged; without quantiles only the mean is. */
interface Judged {
  readonly mean: Float32Array;
  readonly p10: Float32Array | null;
  readonly p50: Float32Array | null;
  readonly p90: Float32Array | null;
}

/** Per series: in-sample errors that scale MASE and RMSSE; NaN where they are not defined. */
interface Scales {
  readonly absolute: Float64Array;
  readonly squared: Float64Array;
}

/** Last days of the horizon buckets that are judged apart. */
const BUCKET_ENDS = [7, 14, 21, 28];

/**
 * Judges a forecast by what came.
 * @param visible the panel as it stood at the forecast's origin, for the scales of MASE and RMSSE
 * @param actual units `[seriesCount * horizon]`, NaN where they say nothing
 * @param dispersion per series, for the sums over the locations of a product
 */
export function evaluateForecast(
  visible: Panel,
  observed: Uint8Array,
  forecast: Forecast,
  actual: Float32Array,
  dispersion: Float32Array,
): Evaluation {
  const { horizon, startPeriod } = forecast;
  const scales = scalesOf(visible, observed);
  const judged: Judged = { mean: forecast.mean, ...judgedQuantiles(forecast.levels, forecast.quantiles) };
  const whole = { from: 0, to: horizon };
  const members = forecast.components.map(({ name, mean }) => ({
    name,
    accuracy: judge({ mean, p10: null, p50: null, p90: null }, actual, horizon, whole, scales),
  }));
  const totals = totalsByProduct(visible, horizon, { mean: forecast.mean, actual, dispersion });
  const { productTotals } = forecast;
  return {
    holdOutStart: startPeriod,
    holdOutPeriods: horizon,
    ensemble: judge(judged, actual, horizon, whole, scales),
    members,
    seasonalNaiveWape: members.find((member) => member.name === 'seasonal_naive')?.accuracy.wape ?? null,
    byHorizon: horizonBuckets(horizon).map(({ from, to }): HorizonAccuracy => ({
      from: from + 1,
      to,
      accuracy: judge(judged, actual, horizon, { from, to }, scales),
    })),
    bySeries: judgeSeries(judged, actual, horizon, scales),
    productTotals: judge(
      { mean: productTotals.mean, ...judgedQuantiles(forecast.levels, productTotals.quantiles) },
      totals.actual,
      horizon,
      whole,
      null,
    ),
  };
}

function judgedQuantiles(levels: readonly number[], quantiles: readonly Float32Array[]) {
  const at = (level: number) => quantiles[levels.indexOf(level)] ?? null;
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}

function horizonBuckets(horizon: number): { from: number; to: number }[] {
  const wanted = horizon >= BUCKET_ENDS[0] * 2 ? BUCKET_ENDS : [1, 2, 3].map((n) => Math.round((n * horizon) / 4));
  const ends = [...new Set([...wanted.filter((end) => end > 0 && end < horizon), horizon])];
  return ends.map((to, index) => ({ from: index === 0 ? 0 : ends[index - 1], to }));
}

function judge(
  judged: Judged,
  actual: Float32Array,
  horizon: number,
  days: { readonly from: number; readonly to: number },
  scales: Scales | null,
): Accuracy {
  const { mean, p10, p50, p90 } = judged;
  const pool = new AccuracyAccumulator();
  const losses = { p10: 0, p50: 0, p90: 0 };
  const scaled = { mase: 0, maseCount: 0, rmsse: 0, rmsseCount: 0 };
  for (let s = 0; s < actual.length / horizon; s++) {
    let absolute = 0;
    let squared = 0;
    let count = 0;
    for (let h = days.from; h < days.to; h++) {
      const i = s * horizon + h;
      const y = actual[i];
      if (!(y >= 0)) continue;
      pool.addOne(y, mean[i], p10?.[i] ?? mean[i], p50?.[i] ?? mean[i], p90?.[i] ?? mean[i]);
      absolute += Math.abs(y - mean[i]);
      squared += (y - mean[i]) ** 2;
      count++;
      if (p10 === null || p50 === null || p90 === null) continue;
      losses.p10 += pinballLoss(y, p10[i], 0.1);
      losses.p50 += pinballLoss(y, p50[i], 0.5);
      losses.p90 += pinballLoss(y, p90[i], 0.9);
    }
    if (count === 0 || scales === null) continue;
    if (scales.absolute[s] > 0) {
      scaled.mase += absolute / count / scales.absolute[s];
      scaled.maseCount++;
    }
    if (scales.squared[s] > 0) {
      scaled.rmsse += Math.sqrt(squared / count / scales.squared[s]);
      scaled.rmsseCount++;
    }
  }
  const summary = pool.summary();
  const hasQuantiles = p10 !== null && summary.count > 0;
  const byLevel = {
    p10: losses.p10 / summary.count,
    p50: losses.p50 / summary.count,
    p90: losses.p90 / summary.count,
  };
  return {
    count: summary.count,
    mae: summary.mae,
    rmse: summary.rmse,
    r2: summary.r2,
    mape: summary.mape,
    mapeZeroCount: summary.mapeExcluded,
    wape: summary.wape,
    bias: summary.bias,
    mase: scaled.maseCount > 0 ? scaled.mase / scaled.maseCount : null,
    rmsse: scaled.rmsseCount > 0 ? scaled.rmsse / scaled.rmsseCount : null,
    pinball: hasQuantiles ? (byLevel.p10 + byLevel.p50 + byLevel.p90) / 3 : null,
    pinballByLevel: hasQuantiles ? byLevel : null,
    coverage: hasQuantiles ? summary.coverage80 : null,
  };
}

function judgeSeries(judged: Judged, actual: Float32Array, horizon: number, scales: Scales): SeriesAccuracy {
  const count = actual.length / horizon;
  const result = {
    wape: new Float32Array(count).fill(NaN),
    mae: new Float32Array(count).fill(NaN),
    bias: new Float32Array(count).fill(NaN),
    mase: new Float32Array(count).fill(NaN),
    coverage: new Float32Array(count).fill(NaN),
  };
  for (let s = 0; s < count; s++) {
    const row = (values: Float32Array | null) => (values ?? judged.mean).subarray(s * horizon, (s + 1) * horizon);
    const summary = new AccuracyAccumulator()
      .add(row(actual), row(judged.mean), row(judged.p10), row(judged.p50), row(judged.p90))
      .summary();
    result.wape[s] = summary.wape ?? NaN;
    result.mae[s] = summary.mae ?? NaN;
    result.bias[s] = summary.bias ?? NaN;
    result.mase[s] = scales.absolute[s] > 0 ? (summary.mae ?? NaN) / scales.absolute[s] : NaN;
    result.coverage[s] = summary.coverage80 ?? NaN;
  }
  return result;
}

function scalesOf(visible: Panel, observed: Uint8Array): Scales {
  const absolute = new Float64Array(visible.seriesCount).fill(NaN);
  const squared = new Float64Array(visible.seriesCount).fill(NaN);
  const { season } = TRAITS[visible.frequency ?? 'daily'];
  for (let s = 0; s < visible.seriesCount; s++) {
    const from = s * visible.periodCount;
    const history = visible.sales.subarray(from, from + visible.periodCount).filter((_, d) => observed[from + d] === 1);
    absolute[s] = seasonalNaiveError(history, season) ?? NaN;
    squared[s] = naiveSquaredError(history) ?? NaN;
  }
  return { absolute, squared };
}
