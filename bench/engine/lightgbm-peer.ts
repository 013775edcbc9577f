import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCalendar } from '../../src/engine/features/calendar.ts';
import { featureSource } from '../../src/engine/features/history.ts';
import { computeFeatures, horizonRows, sampleRows } from '../../src/engine/features/rows.ts';
import { featureSchema } from '../../src/engine/features/schema.ts';
import { DEFAULT_BOOSTER_PARAMS, type FeatureColumns } from '../../src/engine/gbdt/index.ts';
import { availabilityOf, resolveOptions } from '../../src/engine/pipeline/settings.ts';
import type { TrainOptions } from '../../src/engine/pipeline/types.ts';
import { observedDays } from '../../src/engine/series/availability.ts';
import type { Panel } from '../../src/engine/series/panel.ts';

/** Sizes LightGBM is tried with; the first is that of the engine. */
const TREES: readonly number[] = [75, 150];
/** Periods the calendar reaches past the horizon: features look at the day after the target. */
const CALENDAR_MARGIN = 2;

/** Between the seeds of the engine's members, so that the peer gets the very rows they get. */
const SEED_STEP = 7919;

/** A mean of LightGBM's members with so many trees each, `[seriesCount * horizon]`. */
export interface PeerForecast {
  readonly trees: number;
  /** `tweedie` or `log`: the members of that loss, as one would use LightGBM; `all`: the mean of both. */
  readonly losses: 'tweedie' | 'log' | 'all';
  readonly mean: readonly number[];
}

/**
 * Fits LightGBM on the features the engine computes for the rows it samples, one member for each of its losses, those of
 * logarithms too, and
 * forecasts the periods after the panel's end.
 * @param folder for the matrices, which are handed over as raw columns of 32-bit floats
 * @throws Error with what Python wrote
 */
export function forecastByLightgbm(
  python: string,
  folder: string,
  panel: Panel,
  options: TrainOptions,
  horizon: number,
): PeerForecast[] {
  const frequency = panel.frequency ?? 'daily';
  const settings = resolveOptions(options, frequency);
  const schema = featureSchema(availabilityOf(panel, false, settings));
  const calendar = buildCalendar(panel.startPeriod, panel.periodCount + horizon + CALENDAR_MARGIN, [], [], frequency);
  const { price = null, promotion = null } = options.future ?? {};
  const source = featureSource(panel, observedDays(panel), calendar, { price, promotion, days: horizon });
  const write = (name: string, columns: readonly Float32Array[]) => {
    const file = join(folder, name);
    writeFileSync(file, Buffer.concat(columns.map(({ buffer }) => Buffer.from(buffer))));
    return file;
  };
  const matrix = (name: string, { columns, rowCount }: FeatureColumns) => ({
    file: write(name, columns),
    rows: rowCount,
  });
  const kinds = [...settings.powers, ...new Array<null>(settings.logMembers).fill(null)];
  const members = kinds.map((power, index) => {
    const seed = settings.seed + SEED_STEP * index;
    const keys = sampleRows(source, { ...settings, windowDays: settings.window, seed });
    const target = Float32Array.from(keys.series, (s, row) => panel.sales[s * panel.periodCount + keys.target[row]]);
    return {
      power,
      seed,
      minRowsPerLeaf: Math.max(10, Math.min(100, Math.round(keys.series.length / 1000))),
      matrix: matrix(`rows-${index}`, computeFeatures(source, schema, keys)),
      target: write(`target-${index}`, [target]),
    };
  });
  const all = Int32Array.from({ length: panel.seriesCount }, (_, s) => s);
  const task = {
    features: schema.length,
    members,
    forecast: matrix('forecast', computeFeatures(source, schema, horizonRows(all, panel.periodCount, horizon))),
    trees: TREES,
    leaves: settings.maxLeaves,
    learningRate: DEFAULT_BOOSTER_PARAMS.learningRate,
    bins: DEFAULT_BOOSTER_PARAMS.maxBins,
    lambda: DEFAULT_BOOSTER_PARAMS.lambdaL2,
  };
  const { status, stdout, stderr } = spawnSync(python, ['bench/engine/peers/accuracy.py'], {
    input: JSON.stringify(task),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`LightGBM failed: ${stderr}`);
  return JSON.parse(stdout) as PeerForecast[];
}
