import { createRng } from '../rng.ts';
import type { FeatureColumns } from '../gbdt/types.ts';
import { SeriesHistory, type FeatureSource } from './history.ts';
import type { Feature } from './windows.ts';

/** Which (series, origin, target) triples stand in the rows of a design matrix; sorted by series. */
export interface RowKeys {
  readonly series: Int32Array;
  readonly origin: Int32Array;
  readonly target: Int32Array;
}

/** Fills one column per feature, series by series so that each history is summed once. */
export function computeFeatures(source: FeatureSource, schema: readonly Feature[], keys: RowKeys): FeatureColumns {
  const rowCount = keys.series.length;
  const columns = schema.map(() => new Float32Array(rowCount));
  const history = new SeriesHistory(source);
  let from = 0;
  while (from < rowCount) {
    const series = keys.series[from];
    let to = from;
    while (to < rowCount && keys.series[to] === series) to++;
    history.load(series);
    schema.forEach((feature, f) => {
      const column = columns[f];
      for (let row = from; row < to; row++) column[row] = feature.value(history, keys.origin[row], keys.target[row]);
    });
    from = to;
  }
  return { names: schema.map((feature) => feature.name), columns, rowCount };
}

/**
 * Draws the training rows of a pooled model: target days evenly over the observed days of the last `windowDays`, each
 * with a uniform horizon 1..`horizon` that leaves at least one day of history. Days of all series are laid in one line
 * and one row is drawn from each of `maxRows` equal stretches, so every part of the history is used.
 */
export function sampleRows(
  source: FeatureSource,
  settings: { readonly maxRows: number; readonly horizon: number; readonly windowDays: number; readonly seed: number },
): RowKeys {
  const { panel, observed } = source;
  const { periodCount } = panel;
  const windowStart = Math.max(0, periodCount - settings.windowDays);
  const lineStart = new Float64Array(panel.seriesCount + 1);
  const eligible = (s: number, d: number) => observed[s * periodCount + d] === 1 && d > panel.firstPeriod[s];
  for (let s = 0; s < panel.seriesCount; s++) {
    let count = 0;
    for (let d = windowStart; d < periodCount; d++) if (eligible(s, d)) count++;
    lineStart[s + 1] = lineStart[s] + count;
  }
  const total = lineStart[panel.seriesCount];
  const rowCount = Math.min(settings.maxRows, total);
  const keys: RowKeys = {
    series: new Int32Array(rowCount),
    origin: new Int32Array(rowCount),
    target: new Int32Array(rowCount),
  };
  const rng = createRng(settings.seed);
  let series = 0;
  let day = windowStart - 1;
  let passed = -1;
  for (let row = 0; row < rowCount; row++) {
    const wanted = Math.min(total - 1, Math.floor(((row + rng()) * total) / rowCount));
    while (lineStart[series + 1] <= wanted) {
      series++;
      day = windowStart - 1;
      passed = lineStart[series] - 1;
    }
    while (passed < wanted) {
      day++;
      if (eligible(series, day)) passed++;
    }
    const longest = Math.min(settings.horizon, day - panel.firstPeriod[series]);
    keys.series[row] = series;
    keys.target[row] = day;
    keys.origin[row] = day - Math.floor(rng() * longest);
  }
  return keys;
}

/** The rows of a forecast: every given series, each of the `horizon` days from the origin on. */
export function horizonRows(seriesIndices: Int32Array, origin: number, horizon: number): RowKeys {
  const rowCount = seriesIndices.length * horizon;
  const keys: RowKeys = {
    series: new Int32Array(rowCount),
    origin: new Int32Array(rowCount).fill(origin),
    target: new Int32Array(rowCount),
  };
  for (let r = 0; r < seriesIndices.length; r++) {
    for (let h = 0; h < horizon; h++) {
      keys.series[r * horizon + h] = seriesIndices[r];
      keys.target[r * horizon + h] = origin + h;
    }
  }
  return keys;
}
