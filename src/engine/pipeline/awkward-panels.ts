import { awkwardSeries } from '../seasonal/awkward-series.ts';
import { periodOfDay, type Frequency } from '../series/frequency.ts';
import type { Panel } from '../series/panel.ts';
import { createRng } from '../rng.ts';
import { QUANTILE_CAP } from './cap.ts';
import { trainForecaster } from './train.ts';
import type { Forecast, TrainingResult, TrainOptions } from './types.ts';

const { floor, max } = Math;

/** Sizes of a panel of awkward series. */
export interface AwkwardSize {
  readonly seriesCount: number;
  readonly periodCount: number;
  readonly frequency: Frequency;
}

/** A panel of awkward series and what is planned for it. */
export interface AwkwardCase {
  readonly panel: Panel;
  readonly kinds: readonly string[];
  readonly options: TrainOptions;
}

const FIRST_DAY = 19_000;
const LARGEST = 1e15;
/** The mean of a series may borrow from others of the panel, yet hardly exceed what any of them ever sold. */
const MEAN_CAP = 4;

/** Draws a panel of random awkward series, with prices, promotions and stockouts in some, and options to train it. */
export function awkwardPanel(seed: number, { seriesCount, periodCount, frequency }: AwkwardSize): AwkwardCase {
  const rng = createRng(seed);
  const size = seriesCount * periodCount;
  const sales = new Float32Array(size).fill(NaN);
  const firstPeriod = new Int32Array(seriesCount).fill(periodCount);
  const kinds: string[] = [];
  for (let s = 0; s < seriesCount; s++) {
    const { kind, values, observed, offset, end } = awkwardSeries(rng, periodCount);
    kinds.push(kind);
    for (let t = 0; t < end; t++) {
      const value = values[offset + t];
      if (observed[offset + t] === 0 || !(value >= 0 && value <= LARGEST)) continue;
      const period = periodCount - end + t;
      sales[s * periodCount + period] = value;
      firstPeriod[s] = Math.min(firstPeriod[s], period);
    }
  }
  const flags = (share: number) => Uint8Array.from({ length: size }, () => (rng() < share ? 1 : 0));
  const price = rng() < 0.5 ? Float32Array.from({ length: size }, () => (rng() < 0.1 ? NaN : 1 + 5 * rng())) : null;
  const promotion = rng() < 0.5 ? Float32Array.from(flags(0.1)) : null;
  const codes = (of: (s: number) => number) => Int32Array.from({ length: seriesCount }, (_, s) => of(s));
  return {
    kinds,
    panel: {
      frequency,
      startPeriod: periodOfDay(frequency, FIRST_DAY),
      periodCount,
      seriesCount,
      sales,
      price,
      promotion,
      inStock: rng() < 0.3 ? flags(0.9) : null,
      product: codes((s) => s >> 1),
      location: codes((s) => s & 1),
      category: codes((s) => s % 5),
      firstPeriod,
    },
    options: {
      budget: 'quick',
      seed,
      horizon: 1 + floor(rng() * 30),
      known: { price: rng() < 0.5, promotion: rng() < 0.5 },
      ...(rng() < 0.5 ? { holdOutPeriods: 0 } : {}),
    },
  };
}

/** What is wrong with a forecast of a panel: anything not a number, negative, crossing or beyond its cap. */
export function brokenBounds(
  { forecast, evaluation }: Pick<TrainingResult, 'forecast' | 'evaluation'>,
  { panel, kinds }: AwkwardCase,
): string[] {
  const found: string[] = [];
  const greatest = panel.sales.reduce((most, value) => (value > most ? value : most), 0);
  const { horizon, productTotals } = forecast;
  const nameOf = (row: number) => `series ${row}, ${kinds[row]}`;
  found.push(...brokenRows(forecast, greatest, horizon, nameOf));
  // A product has two series here.
  found.push(...brokenRows(productTotals, 2 * greatest, horizon, (row) => `product ${row}`));
  for (const { name, mean } of forecast.components)
    mean.forEach((value, i) => {
      if (!(value >= 0 && value < Infinity)) found.push(`${name} of ${nameOf(floor(i / horizon))}: ${value}`);
    });
  forecast.dispersion.forEach((value, row) => {
    if (!(value >= 0 && value < Infinity)) found.push(`dispersion of ${nameOf(row)}: ${value}`);
  });
  forecast.ownWeight.forEach((value, row) => {
    if (!(value >= 0 && value <= 1)) found.push(`own weight of ${nameOf(row)}: ${value}`);
  });
  for (const [name, value] of Object.entries(evaluation?.ensemble ?? {}))
    if (typeof value === 'number' && !Number.isFinite(value)) found.push(`${name} of the hold-out: ${value}`);
  return found;
}

function brokenRows(
  { mean, quantiles }: Pick<Forecast, 'mean' | 'quantiles'>,
  greatest: number,
  horizon: number,
  nameOf: (row: number) => string,
): string[] {
  const found: string[] = [];
  mean.forEach((expected, i) => {
    const name = nameOf(floor(i / horizon));
    if (!(expected >= 0 && expected <= MEAN_CAP * greatest)) found.push(`${name}: mean ${expected}`);
    const cap = Math.fround(QUANTILE_CAP * max(1, expected, greatest));
    let before = 0;
    for (const values of quantiles) {
      if (!(values[i] >= before && values[i] <= cap)) found.push(`${name}: quantile ${values[i]} after ${before}`);
      before = values[i];
    }
  });
  return found;
}

/** Trains on an awkward panel and says what was wrong; an exception counts. */
export function violationsOf(drawn: AwkwardCase): string[] {
  try {
    return brokenBounds(trainForecaster(drawn.panel, [], drawn.options), drawn);
  } catch (error) {
    return [`threw ${String(error)}`];
  }
}
