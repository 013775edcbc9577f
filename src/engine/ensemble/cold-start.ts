import { pooledWeekdayProfiles } from '../seasonal/profile.ts';
import { recentMean, sliceOf } from '../seasonal/slice.ts';
import { groupByCategoryAndLocation, type SeriesGroups } from '../series/groups.ts';
import { weekdayOf } from '../series/days.ts';
import { hourOfPeriod, type Frequency } from '../series/frequency.ts';
import type { Panel } from '../series/panel.ts';

/** Own periods that the level is the mean of and that make a series an example; a quarter as many weigh as much as the prior. */
const LEVEL_PERIODS: Readonly<Record<Frequency, number>> = { hourly: 168, daily: 28, weekly: 8, monthly: 4 };

const HOURS = 24;
/** Observations of an hour that weigh as much as the assumption that hours are alike. */
const PRIOR_HOURS = 3;

/** Forecast of young series and how far it rests on themselves. */
export interface ColdStartForecast {
  /** `[seriesIndices * horizon]`. */
  readonly mean: Float32Array;
  /** Per series asked for: weight of the own history in its level, 0..1; the rest is what similar series tell. */
  readonly ownWeight: Float32Array;
}

/**
 * Forecast for series with hardly any history: the level is the mean of the own days blended with a prior that counts
 * as a quarter of them, seven days — the same product at other locations, else the median series of the same category and location, else
 * the median of all. The shape of the week, or of the day in hourly data, comes from the
 * category at the location.
 */
export function forecastColdStart(
  panel: Panel,
  observed: Uint8Array,
  seriesIndices: Int32Array,
  horizon: number,
): ColdStartForecast {
  const levelPeriods = LEVEL_PERIODS[panel.frequency ?? 'daily'];
  const priorPeriods = levelPeriods / 4;
  const shelves = groupByCategoryAndLocation(panel);
  const shape = shapeOf(panel, observed, shelves);
  const days = new Float64Array(panel.seriesCount);
  const level = new Float64Array(panel.seriesCount);
  const byProduct = new Map<number, number[]>();
  const byShelf = new Map<number, number[]>();
  const everywhere: number[] = [];
  const append = (map: Map<number, number[]>, key: number, value: number) => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [value]);
    else list.push(value);
  };
  for (let s = 0; s < panel.seriesCount; s++) {
    for (let i = s * panel.periodCount; i < (s + 1) * panel.periodCount; i++) days[s] += observed[i];
    level[s] = recentMean(sliceOf(panel, observed, s), levelPeriods);
    if (days[s] < levelPeriods) continue;
    append(byProduct, panel.product[s], level[s]);
    append(byShelf, shelves.groupOf[s], level[s]);
    everywhere.push(level[s]);
  }
  const shelfMedian = new Map([...byShelf].map(([shelf, levels]) => [shelf, median(levels)]));
  const overall = median(everywhere);
  const out = new Float32Array(seriesIndices.length * horizon);
  const ownWeight = new Float32Array(seriesIndices.length);
  seriesIndices.forEach((series, row) => {
    const siblings = days[series] < levelPeriods ? byProduct.get(panel.product[series]) : undefined;
    const prior = siblings ? mean(siblings) : (shelfMedian.get(shelves.groupOf[series]) ?? overall);
    const own = Math.min(days[series], levelPeriods);
    const trust = Number.isNaN(prior) ? 1 : own / (own + priorPeriods);
    ownWeight[row] = trust;
    const blended = trust * level[series] + (trust < 1 ? (1 - trust) * prior : 0);
    for (let h = 0; h < horizon; h++)
      out[row * horizon + h] = blended * shape(shelves.groupOf[series], panel.periodCount + h);
  });
  return { mean: out, ownWeight };
}

/** How much of the mean a shelf sells in a period, by the weekday or the hour. */
function shapeOf(panel: Panel, observed: Uint8Array, shelves: SeriesGroups): (shelf: number, period: number) => number {
  const { startPeriod, frequency = 'daily' } = panel;
  if (frequency === 'daily') {
    const profiles = pooledWeekdayProfiles(panel, observed, shelves);
    return (shelf, period) => profiles[shelf * 7 + ((weekdayOf(startPeriod) + period) % 7)];
  }
  if (frequency !== 'hourly') return () => 1;
  const profiles = hourProfiles(panel, observed, shelves);
  return (shelf, period) => profiles[shelf * HOURS + hourOfPeriod(frequency, startPeriod + period)];
}

/** Mean of each hour over the mean of all, `[shelves * 24]`; an hour without sales is drawn towards 1 by its scarcity. */
function hourProfiles({ periodCount, startPeriod, sales }: Panel, observed: Uint8Array, shelves: SeriesGroups) {
  const units = new Float64Array(shelves.count * HOURS);
  const counts = new Float64Array(shelves.count * HOURS);
  for (let i = 0; i < sales.length; i++) {
    if (observed[i] === 0) continue;
    const shelf = shelves.groupOf[Math.floor(i / periodCount)];
    const at = shelf * HOURS + hourOfPeriod('hourly', startPeriod + (i % periodCount));
    units[at] += sales[i];
    counts[at]++;
  }
  return units.map((sum, at) => {
    const from = at - (at % HOURS);
    let total = 0;
    let count = 0;
    for (let i = from; i < from + HOURS; i++) {
      total += units[i];
      count += counts[i];
    }
    const level = total / count;
    return level > 0 ? (sum / level + PRIOR_HOURS) / (counts[at] + PRIOR_HOURS) : 1;
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
