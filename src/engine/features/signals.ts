import type { SeriesHistory } from './history.ts';
import type { RowSpan } from './row-span.ts';

const { max, min } = Math;

/** The last price before the origin, or the target's own where prices are known ahead. */
export function fillPrice(
  { source, series, lastPrice }: SeriesHistory,
  { origin, target, from, to }: RowSpan,
  out: Float32Array,
  known: boolean,
) {
  if (known) fillPlanned(source.panel.price, source.futurePrice, source, series, target, from, to, out);
  for (let row = from; row < to; row++) if (!known || !(out[row] > 0)) out[row] = lastPrice[origin[row]];
}

/** That price divided by the mean price of the window before the origin. */
export function fillPriceRelative(
  history: SeriesHistory,
  rows: RowSpan,
  out: Float32Array,
  known: boolean,
  window: number,
) {
  const { priceSum, priceCount } = history;
  fillPrice(history, rows, out, known);
  for (let row = rows.from; row < rows.to; row++) {
    const end = rows.origin[row];
    const start = max(0, end - window);
    const total = priceSum[end] - priceSum[start];
    out[row] = total > 0 ? (out[row] * (priceCount[end] - priceCount[start])) / total : NaN;
  }
}

/** That price divided by the price known `window` periods before the origin. */
export function fillPriceMomentum(
  history: SeriesHistory,
  rows: RowSpan,
  out: Float32Array,
  known: boolean,
  window: number,
) {
  fillPrice(history, rows, out, known);
  for (let row = rows.from; row < rows.to; row++) out[row] /= history.lastPrice[max(0, rows.origin[row] - window)];
}

/** The target's planned promotion. */
export function fillPromotion({ source, series }: SeriesHistory, { target, from, to }: RowSpan, out: Float32Array) {
  fillPlanned(source.panel.promotion, source.futurePromotion, source, series, target, from, to, out);
}

/** Mean units of the window's observed periods that were promoted as the target is; NaN where its plan is unknown. */
export function fillPromotionStateMean(history: SeriesHistory, rows: RowSpan, out: Float32Array, window: number) {
  fillPromotion(history, rows, out);
  fillStateMean(history, history.promotedSum, history.promotedCount, rows, out, window);
}

/**
 * Replaces the target's state in `out` by the mean units of the observed periods of the window that share it.
 * @param units running sum of the units of periods in which the state is set, @param periods their number
 */
export function fillStateMean(
  { sum, count }: SeriesHistory,
  units: Float64Array,
  periods: Float64Array,
  { origin, from, to }: RowSpan,
  out: Float32Array,
  window: number,
) {
  for (let row = from; row < to; row++) {
    const state = out[row];
    const end = origin[row];
    const start = max(0, end - window);
    const setUnits = units[end] - units[start];
    const setPeriods = periods[end] - periods[start];
    const total = state > 0 ? setUnits : sum[end] - sum[start] - setUnits;
    const seen = state > 0 ? setPeriods : count[end] - count[start] - setPeriods;
    out[row] = state >= 0 && seen > 0 ? total / seen : NaN;
  }
}

/** Periods since the first sale, capped. */
export function fillAge(
  { source, series }: SeriesHistory,
  { target, from, to }: RowSpan,
  out: Float32Array,
  cap: number,
) {
  const first = source.panel.firstPeriod[series];
  for (let row = from; row < to; row++) out[row] = min(target[row] - first, cap);
}

/** Periods ahead. */
export function fillHorizon({ origin, target, from, to }: RowSpan, out: Float32Array) {
  for (let row = from; row < to; row++) out[row] = target[row] - origin[row] + 1;
}

/** A field of the calendar. */
export function fillCalendar(
  field: ArrayLike<number>,
  { target, from, to }: RowSpan,
  out: Float32Array,
  ahead: number,
) {
  const { length } = field;
  for (let row = from; row < to; row++) {
    const t = target[row] + ahead;
    out[row] = t < length ? field[t] : NaN;
  }
}

/** Value of a signal in the target period: from the panel within it, from the plan after it, NaN where neither tells. */
function fillPlanned(
  past: Float32Array | null,
  planned: Float32Array | null,
  { panel, futurePeriods }: SeriesHistory['source'],
  series: number,
  target: Int32Array,
  from: number,
  to: number,
  out: Float32Array,
) {
  const { periodCount } = panel;
  for (let row = from; row < to; row++) {
    const t = target[row];
    const ahead = t - periodCount;
    if (ahead < 0) out[row] = past === null ? NaN : past[series * periodCount + t];
    else out[row] = planned === null || ahead >= futurePeriods ? NaN : planned[series * futurePeriods + ahead];
  }
}
