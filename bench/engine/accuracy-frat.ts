import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trainForecaster, type TrainOptions } from '../../src/engine/index.ts';
import type { Figure } from '../report.ts';
import { fratPanel, readFrat, type Frat } from './frat-data.ts';
import { forecastByLightgbm } from './lightgbm-peer.ts';
import type { SectionOptions } from './sections.ts';

/** Known weeks and weeks forecast. */
const WINDOWS: readonly (readonly [origin: number, horizon: number])[] = [
  [104, 4],
  [108, 4],
  [112, 4],
  [116, 4],
  [120, 4],
  [124, 4],
  [128, 2],
];
const YEAR = 52;
/** The short form takes one store in so many. */
const SHORT_STORES = 8;

/** Absolute errors and sales summed over all windows, by forecaster. */
type Errors = Map<string, { error: number; surplus: number; units: number }>;

/**
 * Forecasts of weekly grocery sales with promotions known ahead, against the same week a year before, the mean of four
 * weeks and LightGBM on the same features. The short form takes some of the stores, one window and the least budget.
 */
export function benchAccuracyFrat({ short, data, python }: SectionOptions): Figure[] {
  if (data === null) throw new Error('The data sets are needed');
  const frat = readFrat(join(data, 'breakfast-at-the-frat'), (store) => !short || store % SHORT_STORES === 0);
  const errors: Errors = new Map();
  let seconds = 0;
  for (const [origin, horizon] of short ? WINDOWS.slice(-2, -1) : WINDOWS) {
    const { panel, future, rows } = fratPanel(frat, origin, horizon);
    const options: TrainOptions = {
      horizon,
      holdOutPeriods: 0,
      budget: short ? 'quick' : 'thorough',
      known: { price: true, promotion: true },
      future,
      threads: 2,
      seed: 1,
    };
    const started = performance.now();
    const { forecast } = trainForecaster(panel, [], options);
    seconds += (performance.now() - started) / 1000;
    const add = (name: string, values: ArrayLike<number>) =>
      addErrors(errors, name, frat, rows, origin, horizon, values);
    add('ours', forecast.mean);
    for (const { name, mean } of forecast.components) add(`member ${name}`, mean);
    add(
      'week a year before',
      naive(frat, rows, origin, horizon, (t, h) => frat.units[t + h - YEAR]),
    );
    add(
      'mean of four weeks',
      naive(frat, rows, origin, horizon, (t) => {
        let sum = 0;
        for (let week = 1; week <= 4; week++) sum += frat.units[t - week];
        return sum / 4;
      }),
    );
    if (python !== null) {
      const folder = mkdtempSync(join(tmpdir(), 'shelfcast-bench-'));
      try {
        for (const { trees, losses, mean } of forecastByLightgbm(python, folder, panel, options, horizon))
          add(
            losses === 'all' ? `both losses of LightGBM, ${trees} trees` : `LightGBM, ${losses}, ${trees} trees`,
            mean,
          );
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
    console.log(
      `week ${origin}: ${[...errors].map(([name, { error, units }]) => `${name} ${(error / units).toFixed(4)}`).join(', ')}`,
    );
  }
  return [...figuresOf(errors, short), { name: 'train and forecast, all windows', value: seconds, unit: 's' }];
}

/** @param short on so few sales a comparison with LightGBM only informs */
function figuresOf(errors: Errors, short: boolean): Figure[] {
  const wapes = [...errors].map(([name, { error, units }]) => ({ name, wape: error / units }));
  const wapeOf = (name: string) => wapes.find((one) => one.name === name)?.wape ?? NaN;
  const ours = errors.get('ours');
  const better = Math.min(wapeOf('week a year before'), wapeOf('mean of four weeks'));
  const lightgbm = wapes.filter(({ name }) => name.startsWith('LightGBM')).map(({ wape }) => wape);
  return [
    {
      name: 'WAPE below the better of the two naive forecasts',
      value: 100 * (1 - wapeOf('ours') / better),
      unit: '%',
      target: { atLeast: 25 },
    },
    ...(lightgbm.length === 0
      ? []
      : [
          {
            name: 'WAPE to LightGBM',
            value: wapeOf('ours') / Math.min(...lightgbm),
            unit: 'times',
            ...(short ? {} : { target: { atMost: 1 } }),
          },
        ]),
    ...wapes.map(({ name, wape }) => ({ name: `WAPE, ${name}`, value: wape, unit: '' })),
    { name: 'bias, ours', value: ours ? (100 * ours.surplus) / ours.units : NaN, unit: '%' },
  ];
}

function addErrors(
  errors: Errors,
  name: string,
  { weeks, units }: Frat,
  rows: Int32Array,
  origin: number,
  horizon: number,
  forecast: ArrayLike<number>,
): void {
  const sums = errors.get(name) ?? { error: 0, surplus: 0, units: 0 };
  errors.set(name, sums);
  rows.forEach((row, s) => {
    for (let h = 0; h < horizon; h++) {
      const actual = units[row * weeks + origin + h];
      const difference = forecast[s * horizon + h] - actual;
      sums.error += Math.abs(difference);
      sums.surplus += difference;
      sums.units += actual;
    }
  });
}

/** @param value of step `h` after the cell `t` of the origin */
function naive(
  { weeks }: Frat,
  rows: Int32Array,
  origin: number,
  horizon: number,
  value: (t: number, h: number) => number,
): Float32Array {
  return Float32Array.from({ length: rows.length * horizon }, (_, i) =>
    value(rows[Math.floor(i / horizon)] * weeks + origin, i % horizon),
  );
}
