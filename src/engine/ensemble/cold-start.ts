import { pooledWeekdayProfiles } from '../seasonal/profile.ts';
import { recentMean, sliceOf } from '../seasonal/slice.ts';
import { groupByCategoryAndLocation } from '../series/groups.ts';
import type { Panel } from '../series/panel.ts';

/** Days of own history that weigh as much as what similar series tell. */
const PRIOR_DAYS = 7;
const LEVEL_DAYS = 28;

/**
 * Forecast for series with hardly any history: the level is the mean of the own days blended with a prior that counts
 * as seven days — the same product at other locations, else the median series of the same category and location, else
 * the median of all. The weekday shape of daily data comes from the category at the location.
 * @returns `[seriesIndices * horizon]`
 */
export function forecastColdStart(
  panel: Panel,
  observed: Uint8Array,
  seriesIndices: Int32Array,
  horizon: number,
): Float32Array {
  const shelves = groupByCategoryAndLocation(panel);
  const isDaily = (panel.frequency ?? 'daily') === 'daily';
  const profiles = isDaily ? pooledWeekdayProfiles(panel, observed, shelves) : null;
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
    level[s] = recentMean(sliceOf(panel, observed, s), LEVEL_DAYS);
    if (days[s] < LEVEL_DAYS) continue;
    append(byProduct, panel.product[s], level[s]);
    append(byShelf, shelves.groupOf[s], level[s]);
    everywhere.push(level[s]);
  }
  const shelfMedian = new Map([...byShelf].map(([shelf, levels]) => [shelf, median(levels)]));
  const overall = median(everywhere);
  const out = new Float32Array(seriesIndices.length * horizon);
  seriesIndices.forEach((series, row) => {
    const siblings = days[series] < LEVEL_DAYS ? byProduct.get(panel.product[series]) : undefined;
    const prior = siblings ? mean(siblings) : (shelfMedian.get(shelves.groupOf[series]) ?? overall);
    const own = Math.min(days[series], LEVEL_DAYS);
    const trust = Number.isNaN(prior) ? 1 : own / (own + PRIOR_DAYS);
    const blended = trust * level[series] + (trust < 1 ? (1 - trust) * prior : 0);
    const slice = sliceOf(panel, observed, series);
    for (let h = 0; h < horizon; h++) {
      const weekday = (slice.weekdayOfDayZero + slice.end + h) % 7;
      out[row * horizon + h] = blended * (profiles?.[shelves.groupOf[series] * 7 + weekday] ?? 1);
    }
  });
  return out;
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
