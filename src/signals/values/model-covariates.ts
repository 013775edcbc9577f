import type { Covariate } from '../../engine/index.ts';
import { dayOf } from '../civil-day.ts';
import type { SignalValue } from '../sources/signal-source.ts';
import type { LocationValues } from './signal-values.ts';

/** Days of a panel and the location of each of its series. Days are counted from 1970-01-01. */
export interface PanelFrame {
  readonly startDay: number;
  readonly endDay: number;
  /** Key of the location by series. */
  readonly locations: Int32Array;
  /** Days after the last one for which values may be told. */
  readonly ahead: number;
}

/** Forecasts of the weather beyond a week say little more than the time of the year does. */
const WEATHER_REACH_DAYS = 7;
/** Years before a day in which what is usual for it is looked up, and days of each: those up to the same day of the year. */
const USUAL_YEARS = 3;
const USUAL_DAYS = 7;
const YEAR_DAYS = 365;
/** Days of observed weather before the panel that {@link weatherCovariate} can use. */
export const WEATHER_LEAD_DAYS = USUAL_YEARS * YEAR_DAYS + USUAL_DAYS;

/** The change of the market index is taken over four weeks; a market is closed for some days at most. */
const CHANGE_DAYS = 28;
const CLOSED_DAYS = 7;
/** Days of closes before the panel that {@link changeCovariate} can use. */
export const MARKET_LEAD_DAYS = CHANGE_DAYS + CLOSED_DAYS + 1;

/** Growth of an index is its change against so long before. */
export interface Growth {
  readonly name: string;
  readonly signal: string;
}

/**
 * The weather of each location: what was measured, then what is forecast, and what is usual beyond. A location without
 * values of its own has those that hold everywhere (location 0). Null = there are none.
 * @param values from {@link WEATHER_LEAD_DAYS} before the panel on
 */
export function weatherCovariate(name: string, values: readonly LocationValues[], frame: PanelFrame): Covariate | null {
  const { rowOf, count, rowsOf } = locationRows(values, frame);
  const { startDay, endDay } = frame;
  const lead = WEATHER_LEAD_DAYS;
  const stride = endDay - startDay + 1 + frame.ahead;
  const wide = new Float32Array(count * (lead + stride)).fill(NaN);
  fill(wide, lead + stride, startDay - lead, values, rowsOf);
  const told = new Float32Array(count * stride).fill(NaN);
  const expected = new Float32Array(count * stride).fill(NaN);
  const known = endDay - startDay + 1;
  let some = false;
  for (let row = 0; row < count; row++) {
    const days = wide.subarray(row * (lead + stride), (row + 1) * (lead + stride));
    for (let t = 0; t < stride; t++) {
      const usual = usualOf(days, lead + t, lead + known);
      const value = days[lead + t];
      expected[row * stride + t] = usual;
      told[row * stride + t] = Number.isNaN(value) && t >= known ? usual : value;
      if (t < known && !Number.isNaN(value)) some = true;
    }
  }
  return some ? { name, known: true, reach: WEATHER_REACH_DAYS, rowOf, values: told, expected, stride } : null;
}

/** Mean of the week up to the same day of the years before; nothing from `end` on, which is not yet measured. */
function usualOf(days: Float32Array, at: number, end: number): number {
  let sum = 0;
  let count = 0;
  for (let year = 1; year <= USUAL_YEARS; year++)
    for (let back = 0; back < USUAL_DAYS; back++) {
      const day = at - year * YEAR_DAYS - back;
      if (day < 0 || day >= end || Number.isNaN(days[day])) continue;
      sum += days[day];
      count++;
    }
  return count > 0 ? sum / count : NaN;
}

/**
 * What was measured of each location and is known of the past only, such as traffic. Null = there is none.
 */
export function measuredCovariate(
  name: string,
  values: readonly LocationValues[],
  frame: PanelFrame,
): Covariate | null {
  if (values.length === 0) return null;
  const { rowOf, count, rowsOf } = locationRows(values, frame);
  const stride = frame.endDay - frame.startDay + 1;
  const told = new Float32Array(count * stride).fill(NaN);
  fill(told, stride, frame.startDay, values, rowsOf);
  return told.every(Number.isNaN) ? null : { name, known: false, rowOf, values: told, stride };
}

/** Days that are marked as having an event of the location, 0..1, planned for as far as forecasts reach. Null = none is. */
export function plannedCovariate(name: string, values: readonly LocationValues[], frame: PanelFrame): Covariate | null {
  if (values.length === 0) return null;
  const { rowOf, count, rowsOf } = locationRows(values, frame);
  const stride = frame.endDay - frame.startDay + 1 + frame.ahead;
  const told = new Float32Array(count * stride);
  fill(told, stride, frame.startDay, values, rowsOf);
  if (told.every((value) => value === 0)) return null;
  return {
    name,
    known: true,
    reach: frame.ahead,
    rowOf,
    values: told,
    expected: new Float32Array(told.length),
    stride,
  };
}

/**
 * Growth of an index against a year before, as it was known on each day: the latest period published by then whose period of
 * the year before was published too, both as last revised by then. Known of the past only. Null = it was never known.
 * @param vintages in the order in which they became known
 */
export function growthCovariate(
  { name, signal }: Growth,
  vintages: readonly SignalValue[],
  { startDay, endDay, locations }: PanelFrame,
): Covariate | null {
  const stride = endDay - startDay + 1;
  const own = vintages.filter((value) => value.signal === signal);
  const known = new Map<string, number>();
  const values = new Float32Array(stride).fill(NaN);
  let next = 0;
  let growth = NaN;
  for (let t = 0; t < stride; t++) {
    const before = next;
    for (; next < own.length && dayOf(own[next].knownFrom) <= startDay + t; next++)
      known.set(own[next].date, own[next].value);
    if (next > before) growth = latestGrowth(known);
    values[t] = growth;
  }
  return values.every(Number.isNaN)
    ? null
    : { name, known: false, rowOf: new Int32Array(locations.length), values, stride };
}

function latestGrowth(known: ReadonlyMap<string, number>): number {
  const dates = [...known.keys()].sort();
  for (const date of dates.reverse()) {
    const base = known.get(`${Number(date.slice(0, 4)) - 1}${date.slice(4)}`);
    if (base !== undefined && base > 0) return known.get(date)! / base - 1;
  }
  return NaN;
}

/** Change of a daily index over four weeks, as known on each day. Null = it was never known. */
export function changeCovariate(
  name: string,
  closes: LocationValues | undefined,
  { startDay, endDay, locations }: PanelFrame,
): Covariate | null {
  if (!closes) return null;
  const stride = endDay - startDay + 1;
  const lead = CHANGE_DAYS + CLOSED_DAYS;
  const last = new Float32Array(lead + stride).fill(NaN);
  closes.days.forEach((day, i) => {
    // A close is known from the day after.
    const at = day + 1 - startDay + lead;
    if (at >= 0 && at < last.length) last[at] = closes.values[i];
  });
  for (let i = 1; i < last.length; i++) if (Number.isNaN(last[i])) last[i] = last[i - 1];
  const values = last.slice(lead).map((value, t) => value / last[lead + t - CHANGE_DAYS] - 1);
  return values.every(Number.isNaN)
    ? null
    : { name, known: false, rowOf: new Int32Array(locations.length), values, stride };
}

interface LocationRows {
  /** Row of each series. */
  readonly rowOf: Int32Array;
  readonly count: number;
  /** Rows that a value of a location is for. */
  rowsOf(location: number): readonly number[];
}

/** A row for each location of the panel; values that hold everywhere are for those that have none of their own. */
function locationRows(values: readonly LocationValues[], { locations }: PanelFrame): LocationRows {
  const told = new Set(values.map(({ location }) => location));
  const rows = new Map<number, number>();
  const rowOf = locations.map((location) => rows.get(location) ?? rows.set(location, rows.size).size - 1);
  const rest = [...rows].filter(([location]) => !told.has(location)).map(([, row]) => row);
  const own = new Map([...rows].map(([location, row]) => [location, [row]]));
  return { rowOf, count: rows.size, rowsOf: (location) => (location === 0 ? rest : (own.get(location) ?? [])) };
}

function fill(
  into: Float32Array,
  stride: number,
  firstDay: number,
  values: readonly LocationValues[],
  rowsOf: (location: number) => readonly number[],
): void {
  for (const { location, days, values: told } of values)
    for (const row of rowsOf(location))
      days.forEach((day, i) => {
        const t = day - firstDay;
        if (t >= 0 && t < stride) into[row * stride + t] = told[i];
      });
}
