import type { Panel } from '../series/panel.ts';
import { isPushed, ratioOf, usualDay, type SpikeHistory, type UsualDay } from './usual-day.ts';
import { pastShare } from './past-spikes.ts';
import { findSpikes, SPIKE_RULES, type SpikeCandidate } from './spikes.ts';

/**
 * What is left of a spike's excess over the usual on the next day, how much of that a day later, and the days ahead beyond
 * which it is forgotten. Chosen on simulated demand that triples and whose excess is gone after a day, or halves every one
 * or two days: a lower share serves single days better, a higher one lasting spikes. Past spikes correct the share.
 */
export const CARRY_OVER = { share: 0.5, damping: 0.6, reach: 10 };

/** Times the usual that a product sells over all its places to be carried over, and beyond which nothing more is. */
const RATIO = { least: 1.5, most: 5 };
/** Units that the ratio of all places weighs in that of one. */
const SHARED_UNITS = 10;
/** Days in a row that are no new level yet; the models see those of a longer spike. */
const LONGEST_RUN = 3;
/** The same season of the year before: days around it, and share of the excess that makes a spike one of the season. */
const YEAR = { days: 364, around: 10, share: 0.5 };

/** Spikes at the end of a history. */
export interface CarriedSpikes {
  /** The history with the usual in place of the spikes, lest models take them for a new level. */
  readonly panel: Panel;
  /** Per series: what is expected above its forecast on the first day ahead, as a share of it; 0 = no spike. */
  readonly excess: Float64Array;
}

/**
 * Finds products that have just gone viral: their spikes ({@link findSpikes}) at many places on the last day, against the
 * same weekdays of the last eight weeks. What a promotion, a cut price, an event or the same season of the year before
 * explains is none: the models know of it. Daily panels alone are looked at, and nothing but the history.
 * @param history sales with the demand expected where they were cut
 * @returns null where there is no spike, which is nearly always
 */
export function carrySpikes(history: SpikeHistory): CarriedSpikes | null {
  const { panel, isEvent } = history;
  const last = panel.periodCount - 1;
  if ((panel.frequency ?? 'daily') !== 'daily' || last < 0 || isEvent(last)) return null;
  const products = productDays(history, last);
  let excess: Float64Array | null = null;
  let sales = panel.sales;
  let share = 0;
  for (const product of spikesOn(history, products, last)) {
    const days = products.get(product) ?? [];
    const ratio = ratioOf(days);
    if (ratio < RATIO.least || isOfTheSeason(history, days, ratio)) continue;
    if (excess === null) {
      excess = new Float64Array(panel.seriesCount);
      sales = sales.slice();
      share = pastShare(history, CARRY_OVER.share);
    }
    for (const { series, actual, mean } of days) {
      const own = (actual + SHARED_UNITS * ratio) / (mean + SHARED_UNITS);
      excess[series] = share * Math.max(0, Math.min(own, RATIO.most) - 1);
    }
    for (const { series, period, mean } of runOf(history, days, last)) {
      const at = series * panel.periodCount + period;
      sales[at] = Math.min(sales[at], mean);
    }
  }
  return excess && { panel: { ...panel, sales }, excess };
}

/** How many times its forecast a series is expected to sell `ahead` days after the first: 1 where nothing is carried. */
export function carriedFactor(excess: number, ahead: number): number {
  return ahead < CARRY_OVER.reach ? 1 + excess * CARRY_OVER.damping ** ahead : 1;
}

/** The days of each product's places, where they tell anything. */
function productDays(history: SpikeHistory, period: number): ReadonlyMap<number, readonly UsualDay[]> {
  const { seriesCount, product } = history.panel;
  const products = new Map<number, UsualDay[]>();
  for (let s = 0; s < seriesCount; s++) {
    const day = usualDay(history, s, period);
    if (day === null) continue;
    const days = products.get(product[s]);
    if (days) days.push(day);
    else products.set(product[s], [day]);
  }
  return products;
}

/** Products that spike at many places. */
function spikesOn(
  { panel }: SpikeHistory,
  products: ReadonlyMap<number, readonly UsualDay[]>,
  period: number,
): readonly number[] {
  const candidates: SpikeCandidate[] = [];
  const places = new Map<number, number>();
  for (const [product, days] of products) {
    places.set(product, days.length);
    for (const day of days)
      if (day.actual > day.p90) {
        const promoted = isPushed(panel, day.series, period);
        candidates.push({ ...day, product, location: panel.location[day.series], day: period, promoted });
      }
  }
  return findSpikes(candidates, period, { places }, SPIKE_RULES).map(({ product }) => product);
}

/** The days up to the last on which the places together sold far more than usual; none where they are too many. */
function runOf(history: SpikeHistory, days: readonly UsualDay[], last: number): readonly UsualDay[] {
  const run = [...days];
  for (let back = 1; ; back++) {
    const before = days.map(({ series }) => usualDay(history, series, last - back)).filter((day) => day !== null);
    if (before.length === 0 || ratioOf(before) < RATIO.least) return run;
    if (back === LONGEST_RUN) return [];
    run.push(...before);
  }
}

/** Whether the same places sold likewise at about the same time of the year before. */
function isOfTheSeason(history: SpikeHistory, days: readonly UsualDay[], ratio: number): boolean {
  const year = history.panel.periodCount - 1 - YEAR.days;
  for (let period = year - YEAR.around; period <= year + YEAR.around; period++) {
    const then = days.map(({ series }) => usualDay(history, series, period)).filter((day) => day !== null);
    if (then.length > 0 && ratioOf(then) - 1 >= YEAR.share * (ratio - 1)) return true;
  }
  return false;
}
