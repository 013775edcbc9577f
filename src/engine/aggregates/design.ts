import { civilFromDay, dayOfYear, weekdayOf } from '../series/days.ts';
import { dayOfPeriod, hourOfPeriod, TRAITS, type Frequency } from '../series/frequency.ts';
import type { CalendarEvent } from '../series/panel.ts';

/** What a column of the regression stands for; the holiday columns can be given a prior. */
export type ColumnKind = 'trend' | 'season' | 'holiday' | 'signal';

/** A known signal of one group, one value per period from period 0 of the panel on. */
export interface GroupSignal {
  readonly name: string;
  readonly values: Float32Array;
}

/** Which rows and columns a design has. */
export interface DesignSettings {
  readonly frequency: Frequency;
  /** Ordinal of period 0 of the panel. */
  readonly startPeriod: number;
  /** First period of the history used, and the first one to forecast. */
  readonly from: number;
  readonly end: number;
  readonly horizon: number;
  readonly events: readonly CalendarEvent[];
  readonly signals: readonly GroupSignal[];
}

/** Design matrix in compressed rows: few columns of a period are not 0. Row `r` is period `from + r`. */
export interface Design {
  readonly columnCount: number;
  readonly rowCount: number;
  readonly rowStart: Int32Array;
  readonly column: Int32Array;
  readonly value: Float64Array;
  readonly kindOf: readonly ColumnKind[];
  /** Ridge penalty of each column. */
  readonly penalty: Float64Array;
  /** Columns of the events in the history. */
  readonly holidays: readonly HolidayColumn[];
}

/** One event at one distance: -1 is the period before it. */
export interface HolidayColumn {
  readonly event: string;
  readonly distance: number;
  readonly column: number;
  /** Periods of the history in which the column is 1. */
  readonly occurrences: number;
}

const PENALTY = { level: 1e-6, bend: 2, season: 0.1, signal: 0.1, wave: 1, band: 1, holiday: 1 };
/** Middle of the month is the reference and has no column. */
const MONTH_BANDS = [1, 4, 7, 11, 16, 26, 29];
const REFERENCE_BAND = 4;
/** Periods around an event with a column of their own, per frequency. */
const EVENT_REACH: Readonly<Record<Frequency, { before: number; after: number }>> = {
  hourly: { before: 0, after: 0 },
  daily: { before: 4, after: 2 },
  weekly: { before: 1, after: 0 },
  monthly: { before: 0, after: 0 },
};
const BEND_DAYS = 90;
const DAYS_PER_PERIOD: Readonly<Record<Frequency, number>> = { hourly: 1 / 24, daily: 1, weekly: 7, monthly: 30.4375 };
/** Years of history from which the yearly waves are told from the trend. */
const YEARS_FOR_WAVES = 1.5;
const WAVES = 3;

/**
 * Columns: level and a trend that bends every 90 days and is frozen at the end of the history; the season (hours of the
 * day and days of the week, days of the week, or months); yearly waves; bands of the day of the month for daily data;
 * each known signal, for daily data also on weekends; and one column per event and distance from it, for the events
 * the history contains.
 */
export function buildDesign(settings: DesignSettings): Design {
  const { frequency, startPeriod, from, end, horizon, signals } = settings;
  const { step } = TRAITS[frequency];
  const rowCount = end - from + horizon;
  const kindOf: ColumnKind[] = [];
  const penalty: number[] = [];
  const add = (kind: ColumnKind, weight: number) => {
    kindOf.push(kind);
    penalty.push(weight);
    return kindOf.length - 1;
  };
  const addMany = (count: number, kind: ColumnKind, weight: number) =>
    Array.from({ length: count }, () => add(kind, weight));
  const year = 365.25 / DAYS_PER_PERIOD[frequency];
  const bendEvery = Math.max(4, Math.round(BEND_DAYS / DAYS_PER_PERIOD[frequency]));
  const level = add('trend', PENALTY.level);
  const slope = add('trend', PENALTY.bend);
  const bends: { at: number; column: number }[] = [];
  for (let at = end - bendEvery; at > from + bendEvery / 2; at -= bendEvery)
    bends.push({ at, column: add('trend', PENALTY.bend) });
  const hours = addMany(frequency === 'hourly' ? 48 : 0, 'season', PENALTY.season);
  const weekdays = addMany(frequency === 'hourly' || frequency === 'daily' ? 6 : 0, 'season', PENALTY.season);
  const hasWaves = end - from >= YEARS_FOR_WAVES * year;
  const waves = addMany(hasWaves && frequency !== 'monthly' ? 2 * WAVES : 0, 'season', PENALTY.wave);
  const months = addMany(frequency === 'monthly' ? 11 : 0, 'season', PENALTY.season);
  const bands = addMany(frequency === 'daily' ? MONTH_BANDS.length : 0, 'season', PENALTY.band);
  const signalColumns = signals.map(() => add('signal', PENALTY.signal));
  const weekendColumns = signals.map(() => (frequency === 'daily' ? add('signal', PENALTY.signal) : -1));
  const holidays = eventColumns(settings, (weight) => add('holiday', weight));

  const rowStart = new Int32Array(rowCount + 1);
  const column: number[] = [];
  const value: number[] = [];
  const put = (at: number, number: number) => {
    if (number === 0 || Number.isNaN(number)) return;
    column.push(at);
    value.push(number);
  };
  for (let r = 0; r < rowCount; r++) {
    const t = from + r;
    const ordinal = startPeriod + t * step;
    const day = dayOfPeriod(frequency, ordinal);
    const weekday = weekdayOf(day);
    const time = Math.min(t, end);
    put(level, 1);
    put(slope, (time - end) / year);
    for (const bend of bends) put(bend.column, Math.max(0, time - bend.at) / year);
    if (hours.length > 0) put(hours[hourOfPeriod(frequency, ordinal) + (weekday >= 5 ? 24 : 0)], 1);
    if (weekdays.length > 0 && weekday > 0) put(weekdays[weekday - 1], 1);
    const angle = (2 * Math.PI * dayOfYear(day)) / 365.25;
    for (let k = 0; k < waves.length; k += 2) {
      put(waves[k], Math.sin((k / 2 + 1) * angle));
      put(waves[k + 1], Math.cos((k / 2 + 1) * angle));
    }
    const date = civilFromDay(day);
    if (months.length > 0 && date.month > 1) put(months[date.month - 2], 1);
    if (bands.length > 0) {
      const band = bandOf(date.day);
      if (band !== REFERENCE_BAND) put(bands[band], 1);
    }
    signals.forEach(({ values }, i) => {
      put(signalColumns[i], values[t]);
      if (weekday >= 5 && weekendColumns[i] >= 0) put(weekendColumns[i], values[t]);
    });
    for (const at of holidays.perPeriod.get(t) ?? []) put(at, 1);
    rowStart[r + 1] = column.length;
  }
  return {
    columnCount: kindOf.length,
    rowCount,
    rowStart,
    column: Int32Array.from(column),
    value: Float64Array.from(value),
    kindOf,
    penalty: Float64Array.from(penalty),
    holidays: holidays.columns,
  };
}

/** Columns that are 1 in each period near an event, for events that lie in the history. */
function eventColumns(
  settings: DesignSettings,
  add: (weight: number) => number,
): { readonly perPeriod: Map<number, number[]>; readonly columns: HolidayColumn[] } {
  const { frequency, startPeriod, from, end, horizon, events } = settings;
  const { before, after } = EVENT_REACH[frequency];
  const perPeriod = new Map<number, number[]>();
  const columns = new Map<string, { event: string; distance: number; column: number; occurrences: number }>();
  const positions = events
    .map(({ day, name }) => ({ name, at: periodIndex(frequency, startPeriod, day) }))
    .filter(({ at }) => at >= from - after && at < end + horizon + before)
    .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
  for (const { name, at } of positions) {
    for (let distance = -before; distance <= after; distance++) {
      const t = at + distance;
      if (t < from || t >= end + horizon) continue;
      const key = `${distance} ${name}`;
      if (t < end && !columns.has(key))
        columns.set(key, { event: name, distance, column: add(PENALTY.holiday), occurrences: 0 });
      const holiday = columns.get(key);
      if (holiday === undefined) continue;
      const list = perPeriod.get(t) ?? [];
      if (list.includes(holiday.column)) continue;
      list.push(holiday.column);
      perPeriod.set(t, list);
      if (t < end) holiday.occurrences++;
    }
  }
  return { perPeriod, columns: [...columns.values()] };
}

/** Index of the period that holds a civil day; a week holds its label and the six days before it. */
export function periodIndex(frequency: Frequency, startPeriod: number, day: number): number {
  if (frequency === 'weekly') return Math.ceil((day - startPeriod) / 7);
  if (frequency === 'daily') return day - startPeriod;
  if (frequency === 'hourly') return day * 24 - startPeriod;
  const { year, month } = civilFromDay(day);
  return (year - 1970) * 12 + month - 1 - startPeriod;
}

function bandOf(dayOfMonth: number): number {
  let band = MONTH_BANDS.length - 1;
  while (MONTH_BANDS[band] > dayOfMonth) band--;
  return band;
}
