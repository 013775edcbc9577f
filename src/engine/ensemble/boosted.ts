import { CancelledError } from '../errors.ts';
import { predictBoosters, trainBooster, DEFAULT_BOOSTER_PARAMS, type Booster } from '../gbdt/index.ts';
import type { FeatureSource } from '../features/history.ts';
import { computeFeatures, horizonRows, sampleRows } from '../features/rows.ts';
import type { Feature } from '../features/windows.ts';

/** Settings of the pooled boosted model. */
export interface BoostedSettings {
  /** Rows drawn for each booster. */
  readonly maxRows: number;
  readonly trees: number;
  readonly maxLeaves: number;
  /** Longest horizon the model learns. */
  readonly horizon: number;
  /** Targets reach back at most so many periods. */
  readonly window: number;
  readonly seed: number;
  /** Threads that share a fit; the result does not depend on it. */
  readonly threads: number;
  /** Tweedie variance powers, one booster each; their mean is the forecast. */
  readonly powers: readonly number[];
}

/** Fewest rows worth a boosted model. */
export const FEWEST_BOOSTED_ROWS = 500;
/** Rows predicted at once; bounds the memory of long horizons. */
const ROWS_AT_ONCE = 32_768;

/**
 * Fits one pooled model for all series with the horizon as a feature: Tweedie losses of several powers on different
 * rows. Returns no booster where there are too few rows.
 * @throws CancelledError when `isCancelled` says so
 */
export function fitBoosted(
  source: FeatureSource,
  schema: readonly Feature[],
  settings: BoostedSettings,
  onProgress: (share: number) => void,
  isCancelled: () => boolean,
): Booster[] {
  const { panel } = source;
  const boosters: Booster[] = [];
  for (const [index, power] of settings.powers.entries()) {
    if (isCancelled()) throw new CancelledError('Training was cancelled');
    const seed = settings.seed + 7919 * index;
    const keys = sampleRows(source, { ...settings, windowDays: settings.window, seed });
    if (keys.series.length < FEWEST_BOOSTED_ROWS) return [];
    const data = computeFeatures(source, schema, keys);
    const target = Float32Array.from(keys.series, (s, row) => panel.sales[s * panel.periodCount + keys.target[row]]);
    if (!target.some((value) => value > 0)) return [];
    const params = {
      ...DEFAULT_BOOSTER_PARAMS,
      loss: { kind: 'tweedie' as const, power },
      trees: settings.trees,
      maxLeaves: settings.maxLeaves,
      minRowsPerLeaf: Math.max(10, Math.min(100, Math.round(keys.series.length / 1000))),
      featureFraction: 0.4,
      rowFraction: 0.8,
      seed,
    };
    boosters.push(
      trainBooster(data, target, null, params, {
        threads: settings.threads,
        onProgress: (done, total) => {
          onProgress((index + done / total) / settings.powers.length);
          return !isCancelled();
        },
      }),
    );
  }
  return boosters;
}

/** Mean of the boosters' forecasts, `[seriesIndices * horizon]`, never negative. */
export function predictBoosted(
  boosters: readonly Booster[],
  source: FeatureSource,
  schema: readonly Feature[],
  seriesIndices: Int32Array,
  horizon: number,
): Float32Array {
  const out = new Float32Array(seriesIndices.length * horizon);
  const seriesAtOnce = Math.max(1, Math.floor(ROWS_AT_ONCE / horizon));
  for (let from = 0; from < seriesIndices.length; from += seriesAtOnce) {
    const some = seriesIndices.subarray(from, from + seriesAtOnce);
    const data = computeFeatures(source, schema, horizonRows(some, source.panel.periodCount, horizon));
    const predictions = predictBoosters(boosters, data);
    for (let row = 0; row < data.rowCount; row++) {
      let sum = 0;
      for (const prediction of predictions) sum += prediction[row];
      out[from * horizon + row] = Math.max(0, sum / predictions.length);
    }
  }
  return out;
}
