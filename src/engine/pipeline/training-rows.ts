import { planBacktest } from '../backtest/plan.ts';
import { boostedSeed } from '../ensemble/boosted.ts';
import { computeFeatures, sampleRows } from '../features/rows.ts';
import { checkPanel } from '../series/check.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { prepareFit } from './prepare-fit.ts';
import { resolveOptions } from './settings.ts';
import type { TrainOptions } from './types.ts';

/** Rows that a pooled model learns from, column by column. */
export interface TrainingRows {
  readonly names: readonly string[];
  readonly columns: readonly Float32Array[];
  /** Index into the panel of the series of each row. */
  readonly series: Int32Array;
  /** Per row: periods known when the forecast is made, and the period forecast. */
  readonly origin: Int32Array;
  readonly target: Int32Array;
  /** Units sold in that period. */
  readonly units: Float32Array;
}

/**
 * The rows of some series that the first pooled model of {@link trainForecaster} learns from when it is fitted on the
 * first `cut` periods of a panel, by the code of the fit itself. Which rows they are does not depend on `isWanted`, so
 * that parts made apart add up to the whole.
 * @throws InvalidInputError naming the argument
 */
export function trainingRows(
  panel: Panel,
  events: readonly CalendarEvent[],
  options: TrainOptions,
  cut: number,
  isWanted: (series: number) => boolean,
): TrainingRows {
  checkPanel(panel);
  const frequency = panel.frequency ?? 'daily';
  const settings = resolveOptions(options, frequency);
  const { periods } = planBacktest(panel.periodCount, frequency, settings.holdOutPeriods, settings.horizon);
  const { origin, schema } = prepareFit(panel, events, settings, cut);
  const all = sampleRows(origin.source, {
    ...settings,
    horizon: Math.max(settings.horizon, periods),
    windowDays: settings.window,
    seed: boostedSeed(settings.seed, 0),
  });
  const rows = Array.from(all.series.keys()).filter((row) => isWanted(all.series[row]));
  const pick = (values: Int32Array) => Int32Array.from(rows, (row) => values[row]);
  const keys = { series: pick(all.series), origin: pick(all.origin), target: pick(all.target) };
  const { names, columns } = computeFeatures(origin.source, schema, keys);
  const visible = origin.panel;
  return {
    names,
    columns,
    ...keys,
    units: Float32Array.from(keys.series, (s, row) => visible.sales[s * visible.periodCount + keys.target[row]]),
  };
}
