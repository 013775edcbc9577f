import type { Panel } from '../series/panel.ts';

/** A daily history in which spikes are looked for. */
export interface SpikeHistory {
  readonly panel: Panel;
  /** 1 where sales tell the demand, laid out like the panel's sales. */
  readonly observed: Uint8Array;
  /** Whether the calendar knows of a period: what then sells has its reason. */
  readonly isEvent: (period: number) => boolean;
}

/** What a series sold on a day beside what is usual on such a day, units. */
export interface UsualDay {
  readonly series: number;
  readonly period: number;
  readonly actual: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
}

const WEEK = 7;
/** Weeks before a day whose same weekdays tell what is usual, and how many of them must. */
const WEEKS = { most: 8, fewest: 4 };
/** A price below so many times the usual one is a promotion, whether it is called so or not. */
const CUT_PRICE = 0.95;
/** The 90 % quantile of the standard normal distribution. */
const Z90 = 1.2816;

/** A day beside the same weekdays of the last eight weeks; null where it, or too many of those, tell nothing. */
export function usualDay({ panel, observed }: SpikeHistory, series: number, period: number): UsualDay | null {
  const at = series * panel.periodCount;
  if (period < 0 || observed[at + period] === 0) return null;
  const before: number[] = [];
  for (let week = 1; week <= WEEKS.most && period - week * WEEK >= 0; week++)
    if (observed[at + period - week * WEEK] === 1) before.push(panel.sales[at + period - week * WEEK]);
  if (before.length < WEEKS.fewest) return null;
  const mean = before.reduce((sum, units) => sum + units, 0) / before.length;
  const squares = before.reduce((sum, units) => sum + (units - mean) ** 2, 0);
  const p50 = medianOf(before);
  const p90 = p50 + Z90 * Math.sqrt(squares / (before.length - 1));
  return { series, period, actual: panel.sales[at + period], mean, p50, p90 };
}

/** Sales of several days over what is usual for them; a usual below one unit counts as one. */
export function ratioOf(days: readonly UsualDay[]): number {
  const sold = days.reduce((sum, { actual }) => sum + actual, 0);
  const usual = days.reduce((sum, { mean }) => sum + mean, 0);
  return sold / Math.max(usual, 1);
}

/** Whether a series is on promotion, or sold for less than on the same weekdays before. */
export function isPushed({ periodCount, promotion, price }: Panel, series: number, period: number): boolean {
  const at = series * periodCount;
  if (promotion !== null && promotion[at + period] > 0) return true;
  if (price === null || !(price[at + period] > 0)) return false;
  const before: number[] = [];
  for (let week = 1; week <= WEEKS.most && period - week * WEEK >= 0; week++)
    if (price[at + period - week * WEEK] > 0) before.push(price[at + period - week * WEEK]);
  return before.length > 0 && price[at + period] < CUT_PRICE * medianOf(before);
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
