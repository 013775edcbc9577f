import { TRAITS, type Frequency } from '../series/frequency.ts';
import type { GroupTotals } from '../series/groups.ts';
import { isPlanned, type CalendarEvent, type Panel } from '../series/panel.ts';
import { periodIndex, type GroupSignal } from './design.ts';

/** One total to forecast: units per period of the history, and its known signals. */
export interface GroupSeries {
  readonly units: Float64Array;
  /** First period with a sale; the length of the history without any. */
  readonly first: number;
  /** 1 for the periods that count: from the first sale on, without those the group seems to have been closed. */
  readonly use: Uint8Array;
  readonly signals: readonly GroupSignal[];
  /** Groups with the same key have the same signals. */
  readonly signalKey: string;
  /** Category (-1 where several) and location of the group. */
  readonly category: number;
  readonly location: number;
}

/** A period counts as closed when it sold less than this share of what its season sells. */
const CLOSED_SHARE = 0.02;
/** Groups that sell less than this in a season's period are never said to be closed. */
const CLOSED_UNITS = 5;

/** The totals of all groups of one grouping with the signals that are known ahead. */
export function groupSeriesOf(panel: Panel, totals: GroupTotals): GroupSeries[] {
  const { groups, periodCount, daily } = totals;
  const { season } = TRAITS[panel.frequency ?? 'daily'];
  const members = membersOf(groups.groupOf, groups.count);
  const cache = new Map<string, Float32Array>();
  return members.map((series, g) => {
    const units = daily.slice(g * periodCount, (g + 1) * periodCount);
    const firstSale = units.findIndex((value) => value > 0);
    const first = firstSale < 0 ? periodCount : firstSale;
    const { signals, signalKey } = signalsOf(panel, series, cache);
    const categories = new Set(series.map((s) => panel.category[s]));
    return {
      units,
      first,
      use: openPeriods(units, first, season),
      signals,
      signalKey,
      category: categories.size === 1 ? panel.category[series[0]] : -1,
      location: panel.location[series[0]],
    };
  });
}

/** 1 for each period of the horizon on which a group will be closed: an event that always closed it before. */
export function closedAhead(
  group: GroupSeries,
  frequency: Frequency,
  startPeriod: number,
  events: readonly CalendarEvent[],
  horizon: number,
): Uint8Array {
  const end = group.units.length;
  const closed = new Uint8Array(horizon);
  if (frequency !== 'daily') return closed;
  const past = new Map<string, { seen: number; closed: number }>();
  for (const { name, day } of events) {
    const t = periodIndex(frequency, startPeriod, day);
    if (t < group.first || t >= end) continue;
    const tally = past.get(name) ?? { seen: 0, closed: 0 };
    tally.seen++;
    if (group.use[t] === 0) tally.closed++;
    past.set(name, tally);
  }
  for (const { name, day } of events) {
    const ahead = periodIndex(frequency, startPeriod, day) - end;
    const tally = past.get(name);
    if (ahead >= 0 && ahead < horizon && tally !== undefined && tally.closed === tally.seen) closed[ahead] = 1;
  }
  return closed;
}

function membersOf(groupOf: Int32Array, count: number): number[][] {
  const members = Array.from({ length: count }, (): number[] => []);
  groupOf.forEach((g, s) => members[g].push(s));
  return members;
}

/** Means over the group's series of the covariates known however far ahead: totals are regressed on whole histories. */
function signalsOf(panel: Panel, series: readonly number[], cache: Map<string, Float32Array>) {
  const signals: GroupSignal[] = [];
  const keys: string[] = [];
  for (const covariate of panel.covariates ?? []) {
    if (!isPlanned(covariate)) continue;
    const rows = [...new Set(series.map((s) => covariate.rowOf[s]))].sort((a, b) => a - b);
    const key = `${covariate.name}:${rows.join()}`;
    let values = cache.get(key);
    if (values === undefined) cache.set(key, (values = meanOfRows(covariate.values, covariate.stride, rows)));
    signals.push({ name: covariate.name, values });
    keys.push(key);
  }
  return { signals, signalKey: keys.join('|') };
}

function meanOfRows(values: Float32Array, stride: number, rows: readonly number[]): Float32Array {
  const mean = new Float32Array(stride);
  for (let t = 0; t < stride; t++) {
    let sum = 0;
    let count = 0;
    for (const row of rows) {
      const value = values[row * stride + t];
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    mean[t] = count > 0 ? sum / count : NaN;
  }
  return mean;
}

function openPeriods(units: Float64Array, first: number, season: number): Uint8Array {
  const sum = new Float64Array(season);
  const count = new Float64Array(season);
  for (let t = first; t < units.length; t++) {
    sum[t % season] += units[t];
    count[t % season]++;
  }
  return Uint8Array.from(units, (value, t) => {
    if (t < first) return 0;
    const typical = sum[t % season] / count[t % season];
    return typical >= CLOSED_UNITS && value < CLOSED_SHARE * typical ? 0 : 1;
  });
}
