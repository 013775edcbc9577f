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
  /** Boosters of log(1 + units) beside them, where hardly any period is without a sale. */
  readonly logMembers: number;
}

/** Seed of the rows and trees of one of the boosters. */
export function boostedSeed(seed: number, index: number): number {
  return seed + 7919 * index;
}

/** Boosters of the mean, and of log(1 + units); either may be none. */
export interface PooledBoosters {
  readonly boosters: readonly Booster[];
  readonly logBoosters: readonly Booster[];
}

/** Fewest rows worth a boosted model. */
export const FEWEST_BOOSTED_ROWS = 500;
/**
 * Share of periods without a sale beyond which logarithms say little: there the mean lies far above e to the mean
 * logarithm, and the boosters of the mean do all the work.
 */
const MOST_ZEROS_FOR_LOGS = 0.3;
/** Rows predicted at once; bounds the memory of long horizons. */
const ROWS_AT_ONCE = 32_768;

/**
 * Fits one pooled model for all series with the horizon as a feature: Tweedie losses of several powers on different
 * rows, and where demand is steady squared loss of logarithms, which follows the typical week and not the rare peak.
 * Returns no booster where there are too few rows.
 * @throws CancelledError when `isCancelled` says so
 */
export function fitBoosted(
  source: FeatureSource,
  schema: readonly Feature[],
  settings: BoostedSettings,
  onProgress: (share: number) => void,
  isCancelled: () => boolean,
): PooledBoosters {
  const { panel } = source;
  const boosters: Booster[] = [];
  const logBoosters: Booster[] = [];
  const none = { boosters: [], logBoosters: [] };
  const kinds = [...settings.powers, ...new Array<null>(settings.logMembers).fill(null)];
  for (const [index, power] of kinds.entries()) {
    if (isCancelled()) throw new CancelledError('Training was cancelled');
    const seed = boostedSeed(settings.seed, index);
    const keys = sampleRows(source, { ...settings, windowDays: settings.window, seed });
    if (keys.series.length < FEWEST_BOOSTED_ROWS) return none;
    const units = Float32Array.from(keys.series, (s, row) => panel.sales[s * panel.periodCount + keys.target[row]]);
    const sold = units.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
    if (sold === 0) return none;
    if (power === null && sold < (1 - MOST_ZEROS_FOR_LOGS) * units.length) break;
    const data = computeFeatures(source, schema, keys);
    const target = power === null ? units.map((value) => Math.log1p(value)) : units;
    const params = {
      ...DEFAULT_BOOSTER_PARAMS,
      loss: power === null ? ({ kind: 'squared' } as const) : ({ kind: 'tweedie', power } as const),
      trees: settings.trees,
      maxLeaves: settings.maxLeaves,
      minRowsPerLeaf: Math.max(10, Math.min(100, Math.round(keys.series.length / 1000))),
      featureFraction: 0.4,
      rowFraction: 0.8,
      seed,
    };
    (power === null ? logBoosters : boosters).push(
      trainBooster(data, target, null, params, {
        threads: settings.threads,
        onProgress: (done, total) => {
          onProgress((index + done / total) / kinds.length);
          return !isCancelled();
        },
      }),
    );
  }
  return { boosters, logBoosters };
}

/** Mean of the forecasts of each kind of boosters, `[seriesIndices * horizon]`, never negative; null where there is none. */
export function predictBoosted(
  { boosters, logBoosters }: PooledBoosters,
  source: FeatureSource,
  schema: readonly Feature[],
  seriesIndices: Int32Array,
  horizon: number,
): { readonly mean: Float32Array; readonly fromLogs: Float32Array | null } {
  const mean = new Float32Array(seriesIndices.length * horizon);
  const fromLogs = logBoosters.length > 0 ? new Float32Array(mean.length) : null;
  const seriesAtOnce = Math.max(1, Math.floor(ROWS_AT_ONCE / horizon));
  for (let from = 0; from < seriesIndices.length; from += seriesAtOnce) {
    const some = seriesIndices.subarray(from, from + seriesAtOnce);
    const data = computeFeatures(source, schema, horizonRows(some, source.panel.periodCount, horizon));
    const predictions = predictBoosters([...boosters, ...logBoosters], data);
    writeMean(predictions.slice(0, boosters.length), mean, from * horizon);
    if (fromLogs === null) continue;
    writeMean(predictions.slice(boosters.length), fromLogs, from * horizon);
    const end = from * horizon + data.rowCount;
    for (let i = from * horizon; i < end; i++) fromLogs[i] = Math.expm1(fromLogs[i]);
  }
  return { mean, fromLogs };
}

function writeMean(predictions: readonly ArrayLike<number>[], out: Float32Array, at: number): void {
  for (let row = 0; row < predictions[0].length; row++) {
    let sum = 0;
    for (const prediction of predictions) sum += prediction[row];
    out[at + row] = Math.max(0, sum / predictions.length);
  }
}
