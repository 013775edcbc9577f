import { createRng } from '../rng.ts';
import type { FeatureColumns } from '../gbdt/types.ts';
import { loadSeries, newHistory, type FeatureSource } from './history.ts';
import { fillColumn } from './interpret.ts';
import type { Feature } from './spec.ts';

/** Which (series, origin, target) triples stand in the rows of a design matrix; sorted by series. */
export interface RowKeys {
  readonly series: Int32Array;
  readonly origin: Int32Array;
  readonly target: Int32Array;
}

/**
 * Fills one column per feature, series by series so that each history is summed once.
 * @param keys rows in any order of origins and targets, but those of one series next to each other
 */
export function computeFeatures(source: FeatureSource, schema: readonly Feature[], keys: RowKeys): FeatureColumns {
  const rowCount = keys.series.length;
  const columns = schema.map(() => new Float32Array(rowCount));
  const history = newHistory(source, schema);
  let from = 0;
  while (from < rowCount) {
    const series = keys.series[from];
    let to = from;
    while (to < rowCount && keys.series[to] === series) to++;
    loadSeries(history, series);
    const rows = { origin: keys.origin, target: keys.target, from, to };
    for (let f = 0; f < schema.length; f++) fillColumn(schema[f], history, rows, columns[f]);
    from = to;
  }
  return { names: schema.map((feature) => feature.name), columns, rowCount };
}

/**
 * Features of every period of the series `[from, to)`, each as known one period ahead: row
 * `(s - from) * periodCount + t` is series `s`, origin and target `t`. Take as many series at once as memory allows.
 */
export function computePanelFeatures(
  source: FeatureSource,
  schema: readonly Feature[],
  from: number,
  to: number,
): FeatureColumns {
  const { periodCount } = source.panel;
  const size = (to - from) * periodCount;
  const keys = { series: new Int32Array(size), origin: new Int32Array(size) };
  for (let s = from; s < to; s++) {
    const offset = (s - from) * periodCount;
    keys.series.fill(s, offset, offset + periodCount);
    for (let t = 0; t < periodCount; t++) keys.origin[offset + t] = t;
  }
  return computeFeatures(source, schema, { ...keys, target: keys.origin });
}

/**
 * Draws the training rows of a pooled model: target periods evenly over the observed ones of the last `windowDays`,
 * each with a uniform horizon 1..`horizon` that leaves at least one period of history. Those of all series are laid in one line
 * and one row is drawn from each of `maxRows` equal stretches, so every part of the history is used.
 */
export function sampleRows(
  source: FeatureSource,
  settings: { readonly maxRows: number; readonly horizon: number; readonly windowDays: number; readonly seed: number },
): RowKeys {
  const { panel, observed } = source;
  const { periodCount, firstPeriod } = panel;
  const windowStart = Math.max(0, periodCount - settings.windowDays);
  const lineStart = new Float64Array(panel.seriesCount + 1);
  for (let s = 0; s < panel.seriesCount; s++) {
    let count = 0;
    const end = (s + 1) * periodCount;
    for (let at = s * periodCount + Math.max(windowStart, firstPeriod[s] + 1); at < end; at++) count += observed[at];
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
  // The row before the first one drawn: series, period and how many eligible periods lie up to it.
  let series = -1;
  let t = 0;
  let passed = -1;
  for (let row = 0; row < rowCount; row++) {
    const wanted = Math.min(total - 1, Math.floor(((row + rng()) * total) / rowCount));
    if (series < 0 || lineStart[series + 1] <= wanted) {
      do series++;
      while (lineStart[series + 1] <= wanted);
      t = Math.max(windowStart, firstPeriod[series] + 1) - 1;
      passed = lineStart[series] - 1;
    }
    const offset = series * periodCount;
    while (passed < wanted) passed += observed[offset + ++t];
    const longest = Math.min(settings.horizon, t - firstPeriod[series]);
    keys.series[row] = series;
    keys.target[row] = t;
    keys.origin[row] = t - Math.floor(rng() * longest);
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
