import { groupBy, totalGroups } from '../series/groups.ts';
import { SPIKE_RULES } from './spikes.ts';
import { isPushed, type SpikeHistory } from './usual-day.ts';

const WEEK = 7;
/** Weeks before a day whose same weekdays tell what is usual. */
const WEEKS = 8;
/** Days looked back: tastes change. */
const REACH = 730;
/** Times the usual that makes a spike of a product: what is less is chance too often, which leaves nothing. */
const LEAST_RATIO = 2;
/** Past spikes that what is assumed beforehand weighs. */
const ASSUMED_SPIKES = 3;
/** What one spike says at most and at least, and what all say together. */
const ONE = { least: -0.5, most: 1.5 };
const ALL = { least: 0, most: 0.9 };
/** Products in too small a number have no share to speak of. */
const LEAST_PRODUCTS_OF_SHARE = 8;

/**
 * How much of the excess of a spike was left a day later in the past, over all products: sales that jump for a day, as by a
 * single large order, leave nothing, those that go viral leave much. Few spikes draw hardly away from what is assumed.
 * Days that events or promotions explain do not count, nor those on which too many products sell far more than usual.
 * @param assumed share assumed without any past spike
 */
export function pastShare(history: SpikeHistory, assumed: number): number {
  const spikes = pastSpikes(history);
  const sum = spikes.reduce((total, { left }) => total + Math.min(ONE.most, Math.max(ONE.least, left)), 0);
  const share = (ASSUMED_SPIKES * assumed + sum) / (ASSUMED_SPIKES + spikes.length);
  return Math.min(ALL.most, Math.max(ALL.least, share));
}

/** A product's day far above the usual, and the share of the excess that was left a day later. */
interface PastSpike {
  readonly group: number;
  readonly period: number;
  readonly left: number;
}

function pastSpikes({ panel, observed, isEvent }: SpikeHistory): readonly PastSpike[] {
  const groups = groupBy(panel.product);
  const { daily } = totalGroups(panel, observed, groups);
  const { periodCount } = panel;
  const spikes: PastSpike[] = [];
  const perDay = new Int32Array(periodCount);
  // The days up to the last are of the spike that is asked about, whose end is not known.
  for (let group = 0; group < groups.count; group++) {
    const units = daily.subarray(group * periodCount, (group + 1) * periodCount);
    for (let period = Math.max(WEEK * WEEKS, periodCount - REACH); period < periodCount - 2; period++) {
      const ratio = spikeRatio(units, period);
      if (ratio === 0) continue;
      perDay[period]++;
      if (isEvent(period) || isEvent(period + 1)) continue;
      const next = units[period + 1] / Math.max(1, usualOf(units, period + 1).mean);
      spikes.push({ group, period, left: (next - 1) / (ratio - 1) });
    }
  }
  const most = groups.count >= LEAST_PRODUCTS_OF_SHARE ? SPIKE_RULES.mostProducts * groups.count : Infinity;
  const seriesOf: number[][] = Array.from({ length: groups.count }, () => []);
  groups.groupOf.forEach((group, series) => seriesOf[group].push(series));
  return spikes.filter(
    ({ group, period }) => perDay[period] <= most && !seriesOf[group].some((series) => isPushed(panel, series, period)),
  );
}

/** How many times the usual was sold; 0 where that is no spike. */
function spikeRatio(units: Float64Array, period: number): number {
  const sold = units[period];
  const { mean, deviation } = usualOf(units, period);
  const ratio = sold / Math.max(1, mean);
  if (ratio < LEAST_RATIO || sold - mean < SPIKE_RULES.leastExcess) return 0;
  return sold - mean >= SPIKE_RULES.leastDistance * Math.max(deviation, Math.sqrt(mean)) ? ratio : 0;
}

function usualOf(units: Float64Array, period: number): { mean: number; deviation: number } {
  let sum = 0;
  let squares = 0;
  for (let week = 1; week <= WEEKS; week++) {
    const value = units[period - week * WEEK];
    sum += value;
    squares += value * value;
  }
  const mean = sum / WEEKS;
  return { mean, deviation: Math.sqrt(Math.max(0, squares - WEEKS * mean * mean) / (WEEKS - 1)) };
}
