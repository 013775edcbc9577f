import { pooledWeekdayProfiles } from '../seasonal/profile.ts';
import { lastPeriodOf, observedDays } from '../series/availability.ts';
import { weekdayOf } from '../series/days.ts';
import { groupByCategoryAndLocation } from '../series/groups.ts';
import type { Panel } from '../series/panel.ts';
import { demandBeyond } from './conditional-mean.ts';

/** Periods to each side that tell the level of a period. */
const REACH = 28;
/** Rounds of estimating level and lost demand from each other; they settle long before. */
const ROUNDS = 12;
/** Units at which a series' own variance over mean counts as much as that of Poisson demand. */
const PRIOR_UNITS = 10;
/** Times the profile of the week is taken anew from what was estimated: weekends sell out more often. */
const PROFILES = 2;

/**
 * The panel as it would be had nothing been out of stock: sales of periods whose sales were cut are replaced by the demand
 * expected of them, and `inStock` is null. A period that ends with an empty shelf was in demand for at least what was sold,
 * so leaving such periods out would forget the best days, and taking them as they are would learn the shelf's size.
 *
 * Expectation–maximisation on each series (as in "unconstraining" of bookings, Talluri and van Ryzin 2004, chapter 9.4): the
 * level around a period, seven weeks weighted alike, and the demand of cut periods given that level, {@link demandBeyond},
 * are estimated in turn, days of the week by the profile of the category at the location. Only what the panel holds is
 * used: a panel cut at an origin knows nothing of what came after. The same panel is returned where nothing was cut.
 */
export function unconstrainDemand(panel: Panel): Panel {
  const { inStock, periodCount, seriesCount } = panel;
  if (inStock === null) return panel;
  const observed = observedDays(panel);
  const isCut = (at: number) => inStock[at] === 0 && panel.sales[at] >= 0;
  let cut = 0;
  for (let at = 0; at < inStock.length; at++) if (isCut(at)) cut++;
  if (cut === 0) return { ...panel, inStock: null };
  const groups = groupByCategoryAndLocation(panel);
  const isDaily = (panel.frequency ?? 'daily') === 'daily';
  const firstWeekday = weekdayOf(panel.startPeriod);
  let full: Panel = panel;
  let seen = observed;
  for (let pass = 0; pass < PROFILES; pass++) {
    const profiles = isDaily ? pooledWeekdayProfiles(full, seen, groups) : null;
    const sales = panel.sales.slice();
    for (let s = 0; s < seriesCount; s++) {
      const offset = s * periodCount;
      const first = Math.max(0, panel.firstPeriod[s]);
      const end = lastPeriodOf(panel, s) + 1;
      const group = groups.groupOf[s] * 7;
      const factorOf = (t: number) => (profiles === null ? 1 : profiles[group + ((firstWeekday + t) % 7)]);
      if (first < end)
        unconstrainSeries(sales.subarray(offset + first, offset + end), {
          isCut: (t) => isCut(offset + first + t),
          factorOf: (t) => factorOf(first + t),
        });
    }
    full = { ...panel, sales, inStock: null };
    seen = observedDays(full);
  }
  return full;
}

interface CutSeries {
  readonly isCut: (t: number) => boolean;
  readonly factorOf: (t: number) => number;
}

/** Replaces in place what was sold on cut periods; periods without a value stay without. */
function unconstrainSeries(sales: Float32Array, { isCut, factorOf }: CutSeries): void {
  const length = sales.length;
  const cuts: number[] = [];
  /** Units and expected share of the level up to, not including, a period. */
  const units = new Float64Array(length + 1);
  const factors = new Float64Array(length + 1);
  const factor = Float64Array.from({ length }, (_, t) => factorOf(t));
  const demand = Float64Array.from(sales);
  let open = 0;
  for (let t = 0; t < length; t++) if (isCut(t)) cuts.push(t);
  if (cuts.length === 0) return;
  const isKnown = Uint8Array.from(sales, (value) => (value >= 0 ? 1 : 0));
  // The first round knows the periods in stock alone.
  const counts = isKnown.slice();
  for (const t of cuts) counts[t] = 0;
  for (const t of counts.keys()) open += counts[t];
  if (open === 0) counts.set(isKnown);
  const add = () => {
    for (let t = 0; t < length; t++) {
      units[t + 1] = units[t] + (counts[t] ? demand[t] : 0);
      factors[t + 1] = factors[t] + (counts[t] ? factor[t] : 0);
    }
  };
  const overall = () => (factors[length] > 0 ? units[length] / factors[length] : 0);
  const levelAt = (t: number) => {
    const from = Math.max(0, t - REACH);
    const to = Math.min(length, t + REACH + 1);
    const share = factors[to] - factors[from];
    return share > 0 ? Math.max(0, units[to] - units[from]) / share : overall();
  };
  for (let round = 0; round < ROUNDS; round++) {
    add();
    let squares = PRIOR_UNITS;
    let expected = PRIOR_UNITS;
    for (let t = 0; t < length; t++) {
      if (isKnown[t] === 0 || isCut(t)) continue;
      const mean = levelAt(t) * factor[t];
      squares += (sales[t] - mean) ** 2;
      expected += mean;
    }
    for (const t of cuts) demand[t] = demandBeyond(sales[t], levelAt(t) * factor[t], squares / expected);
    counts.set(isKnown);
  }
  for (const t of cuts) sales[t] = demand[t];
}
