import { InvalidInputError } from '../errors.ts';
import { isPlanned, type Covariate } from '../series/panel.ts';
import { propertiesOf } from './plan.ts';
import { ratesOf, type Rates } from './rates.ts';
import { calendarRows, calendarWidth } from './step-inputs.ts';
import type { InputPlan, NeuralData } from './types.ts';

const { ceil, log, log1p, max, min } = Math;
/** A period that was not observed reads like one at the series' mean. */
const NEUTRAL = log1p(1);
/** Numbers about the whole window: level, trend, share of zeros, share observed, recent price. */
const WINDOW_FACTS = 4;

/** Widths of the inputs of a network. */
export interface InputWidths {
  /** Periods read one by one, the first columns of `history`. */
  readonly window: number;
  /** Columns per window: periods, pooled means, facts, codes. */
  readonly history: number;
  /** Columns per step of the horizon. */
  readonly step: number;
}

/** Widths that follow from a plan. */
export function inputWidths(plan: InputPlan): InputWidths {
  const { window, pools, seasonMeans } = ratesOf(plan.frequency);
  const pooled = pools.reduce((sum, { blocks }) => sum + blocks, 0);
  const codes = plan.codes.reduce((sum, { length }) => sum + length, 0);
  return {
    window,
    history: window + pooled + WINDOW_FACTS + codes,
    step: seasonMeans.length + 3 + calendarWidth(plan) + plan.covariates.length,
  };
}

/** Reads windows of a panel into rows of inputs and targets. */
export interface InputReader {
  readonly widths: InputWidths;
  /**
   * Fills row `row` with what is known at the start of period `origin` of a series.
   * @returns the scale by which sales are divided, 0 where the history is too short or without a sale
   */
  read(series: number, origin: number, row: number, history: Float32Array, steps: Float32Array): number;
  /** Fills the scaled sales of the horizon and the flags of those that count. */
  readTarget(
    series: number,
    origin: number,
    row: number,
    scale: number,
    target: Float32Array,
    mask: Float32Array,
  ): void;
}

function covariatesOf(plan: InputPlan, data: NeuralData): Covariate[] {
  return plan.covariates.map(({ name }) => {
    const found = data.panel.covariates?.find((covariate) => covariate.name === name && isPlanned(covariate));
    if (!found) throw new InvalidInputError(`panel.covariates lacks ${name}, which the network was trained with`);
    return found;
  });
}

/** Mean of the observed sales of `[from, to)`, or NaN. */
function meanOf(sales: Float32Array, observed: Uint8Array, from: number, to: number): number {
  let sum = 0;
  let count = 0;
  for (let t = from; t < to; t++) {
    if (!observed[t]) continue;
    sum += sales[t];
    count++;
  }
  return count ? sum / count : NaN;
}

/** Share of the longer history's mean that a scale does not fall below, so that a quiet month does not blow targets up. */
const SCALE_FLOOR = 0.25;

function scaleAt(sales: Float32Array, observed: Uint8Array, start: number, origin: number, rates: Rates): number {
  let seen = 0;
  for (let t = max(start, origin - rates.window); t < origin; t++) seen += observed[t];
  if (seen < rates.minimum) return 0;
  const { width, blocks } = rates.pools[rates.pools.length - 1];
  const recent = meanOf(sales, observed, max(start, origin - rates.scaleSpan), origin) || 0;
  const long = meanOf(sales, observed, max(start, origin - width * blocks), origin) || 0;
  return max(recent, SCALE_FLOOR * long);
}

/** Prepares the reading of a panel by a plan. @throws InvalidInputError where the panel lacks a planned covariate */
export function createInputReader(plan: InputPlan, data: NeuralData): InputReader {
  const { panel, observed, future } = data;
  const { periodCount, sales } = panel;
  const rates = ratesOf(plan.frequency);
  const widths = inputWidths(plan);
  const { horizon } = plan;
  const calendar = calendarRows(plan, panel.startPeriod, periodCount + horizon + 1, data.events);
  const calendarColumns = calendarWidth(plan);
  const covariates = covariatesOf(plan, data);
  const properties = propertiesOf(panel);
  const columnOf = plan.codes.map((codes) => new Map(codes.map((code, index) => [code, index])));

  const signal = (past: Float32Array | null, ahead: Float32Array | null | undefined, series: number, t: number) => {
    if (t < periodCount) return past === null ? NaN : past[series * periodCount + t];
    return ahead ? ahead[(series * ahead.length) / panel.seriesCount + t - periodCount] : NaN;
  };

  const priceBase = (series: number, origin: number): { mean: number; last: number } => {
    let sum = 0;
    let count = 0;
    let last = NaN;
    for (let t = max(0, origin - rates.window); t < origin; t++) {
      const value = signal(panel.price, null, series, t);
      if (!(value > 0)) continue;
      sum += value;
      count++;
      last = value;
    }
    return { mean: count ? sum / count : NaN, last };
  };

  function readHistory(series: number, origin: number, at: number, history: Float32Array, scale: number): void {
    const start = series * periodCount;
    const end = start + origin;
    let zeros = 0;
    let seen = 0;
    for (let i = 0; i < rates.window; i++) {
      const t = end - rates.window + i;
      const usable = t >= start && observed[t] === 1;
      history[at + i] = usable ? log1p(sales[t] / scale) : NEUTRAL;
      if (!usable) continue;
      seen++;
      if (sales[t] === 0) zeros++;
    }
    let column = at + rates.window;
    for (const { width, blocks } of rates.pools) {
      for (let b = 1; b <= blocks; b++) {
        const mean = meanOf(sales, observed, max(start, end - b * width), max(start, end - (b - 1) * width));
        history[column++] = mean >= 0 ? log1p(mean / scale) : NEUTRAL;
      }
    }
    history[column++] = log(scale + 0.01) / 3;
    history[column++] = seen / rates.window;
    history[column++] = seen ? zeros / seen : 0;
    const prices = priceBase(series, origin);
    history[column++] = prices.mean > 0 ? 10 * log(prices.last / prices.mean) : 0;
    for (let p = 0; p < columnOf.length; p++) {
      const index = columnOf[p].get(properties[p][series]);
      for (let c = 0; c < plan.codes[p].length; c++) history[column + c] = c === index ? 1 : 0;
      column += plan.codes[p].length;
    }
  }

  function readSteps(series: number, origin: number, row: number, steps: Float32Array, scale: number): void {
    const start = series * periodCount;
    const prices = priceBase(series, origin);
    for (let h = 0; h < horizon; h++) {
      const target = origin + h;
      let column = (row * horizon + h) * widths.step;
      for (const { season, count } of rates.seasonMeans) {
        let sum = 0;
        let seen = 0;
        const latest = target - season * ceil((h + 1) / season);
        for (let k = 0; k < count; k++) {
          const t = latest - k * season;
          if (t < 0 || !observed[start + t]) continue;
          sum += sales[start + t];
          seen++;
        }
        steps[column++] = seen ? log1p(sum / seen / scale) : NEUTRAL;
      }
      steps[column++] = (h + 1) / horizon - 0.5;
      const price = plan.known.price ? signal(panel.price, future?.price, series, target) : NaN;
      const shown = price > 0 ? price : prices.last;
      steps[column++] = prices.mean > 0 ? max(-2, min(2, 5 * log(shown / prices.mean))) : 0;
      const promotion = plan.known.promotion ? signal(panel.promotion, future?.promotion, series, target) : 0;
      steps[column++] = promotion > 0 ? promotion : 0;
      for (let c = 0; c < calendarColumns; c++) steps[column++] = calendar[target * calendarColumns + c];
      for (let c = 0; c < covariates.length; c++) {
        const { values, rowOf, stride } = covariates[c];
        const { mean, deviation } = plan.covariates[c];
        const value = target < stride ? values[rowOf[series] * stride + target] : NaN;
        steps[column++] = Number.isNaN(value) ? 0 : (value - mean) / deviation;
      }
    }
  }

  return {
    widths,
    read(series, origin, row, history, steps) {
      const start = series * periodCount;
      const scale = scaleAt(sales, observed, start, start + origin, rates);
      if (!(scale > 0)) return 0;
      readHistory(series, origin, row * widths.history, history, scale);
      readSteps(series, origin, row, steps, scale);
      return scale;
    },
    readTarget(series, origin, row, scale, target, mask) {
      for (let h = 0; h < horizon; h++) {
        const t = origin + h;
        const counts = t < periodCount && observed[series * periodCount + t] === 1;
        target[row * horizon + h] = counts ? sales[series * periodCount + t] / scale : 0;
        mask[row * horizon + h] = counts ? 1 : 0;
      }
    },
  };
}
