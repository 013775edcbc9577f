import type { CalendarTable } from '../features/calendar.ts';
import { dayOfYear } from '../series/days.ts';

/** The additive parts of a calendar regression, in the order of its columns. */
export const CALENDAR_PARTS = ['trend', 'weekly', 'yearly', 'holiday'] as const;
export type CalendarPart = (typeof CALENDAR_PARTS)[number];

/** What the columns of a calendar regression cover. */
export interface DesignSettings {
  /** First and one past the last day index of the history. */
  readonly from: number;
  readonly end: number;
  /** Days after `end` that will be forecast. */
  readonly horizon: number;
  /** Days between the bends of the trend; 0 = one straight line. */
  readonly bendEvery: number;
  /** Pairs of annual sine and cosine; 0 = no yearly part. */
  readonly fourierOrder: number;
  /** Columns for bands of the day of the month (pay days). */
  readonly monthBands: boolean;
  /** Days before and after an event with a column of their own; null = no holiday part. */
  readonly eventReach: { readonly before: number; readonly after: number } | null;
}

/** Design matrix in compressed rows: few columns of a day are not 0. Row `r` is day `from + r`. */
export interface CalendarDesign {
  readonly settings: DesignSettings;
  readonly columnCount: number;
  readonly rowStart: Int32Array;
  readonly column: Int32Array;
  readonly value: Float64Array;
  /** Index into {@link CALENDAR_PARTS} of each column. */
  readonly partOf: Uint8Array;
  /** Ridge penalty of each column. */
  readonly penalty: Float64Array;
}

const FIRST_DAYS_OF_BANDS = [1, 4, 7, 11, 16, 26, 29];
/** The band of the middle of the month is the reference and has no column. */
const REFERENCE_BAND = 4;
const PENALTY = { level: 1e-6, bend: 2, weekly: 0.1, other: 1 };

/**
 * Columns: level and bends of the trend (frozen at the end of the history), six weekdays, annual Fourier pairs, bands
 * of the day of the month, and one column per event and day around it, for the events the history contains.
 */
export function buildCalendarDesign(
  calendar: CalendarTable,
  startPeriod: number,
  settings: DesignSettings,
): CalendarDesign {
  const { from, end, horizon } = settings;
  const rows = Math.min(end + horizon, calendar.periodCount) - from;
  const partOf: number[] = [];
  const penalty: number[] = [];
  const addColumn = (part: CalendarPart, weight: number) => {
    partOf.push(CALENDAR_PARTS.indexOf(part));
    penalty.push(weight);
    return partOf.length - 1;
  };
  const level = addColumn('trend', PENALTY.level);
  const slope = addColumn('trend', PENALTY.bend);
  const bends: { day: number; column: number }[] = [];
  if (settings.bendEvery > 0) {
    for (let day = end - settings.bendEvery; day > from + settings.bendEvery / 2; day -= settings.bendEvery)
      bends.push({ day, column: addColumn('trend', PENALTY.bend) });
  }
  const weekly = Array.from({ length: 6 }, () => addColumn('weekly', PENALTY.weekly));
  const bands = settings.monthBands
    ? FIRST_DAYS_OF_BANDS.map((_, band) => (band === REFERENCE_BAND ? -1 : addColumn('yearly', PENALTY.other)))
    : [];
  const waves = Array.from({ length: settings.fourierOrder * 2 }, () => addColumn('yearly', PENALTY.other));
  const events = new Map<number, number>();
  const eventKey = (d: number) => calendar.nearestEvent[d] * 32 + calendar.eventDistance[d] + 16;
  const nearEvent = (d: number) =>
    settings.eventReach !== null &&
    calendar.nearestEvent[d] > 0 &&
    calendar.eventDistance[d] >= -settings.eventReach.before &&
    calendar.eventDistance[d] <= settings.eventReach.after;
  for (let d = from; d < end; d++)
    if (nearEvent(d) && !events.has(eventKey(d))) events.set(eventKey(d), addColumn('holiday', PENALTY.other));

  const rowStart = new Int32Array(rows + 1);
  const column: number[] = [];
  const value: number[] = [];
  const put = (at: number, number: number) => {
    if (number === 0) return;
    column.push(at);
    value.push(number);
  };
  for (let r = 0; r < rows; r++) {
    const d = from + r;
    const time = Math.min(d, end);
    put(level, 1);
    put(slope, (time - end) / 365);
    for (const bend of bends) put(bend.column, Math.max(0, time - bend.day) / 365);
    if (calendar.weekday[d] > 0) put(weekly[calendar.weekday[d] - 1], 1);
    if (settings.monthBands) {
      const band = bandOf(calendar.dayOfMonth[d]);
      if (band !== REFERENCE_BAND) put(bands[band], 1);
    }
    const angle = (2 * Math.PI * dayOfYear(startPeriod + d)) / 365.25;
    for (let k = 0; k < settings.fourierOrder; k++) {
      put(waves[2 * k], Math.sin((k + 1) * angle));
      put(waves[2 * k + 1], Math.cos((k + 1) * angle));
    }
    const eventColumn = nearEvent(d) ? events.get(eventKey(d)) : undefined;
    if (eventColumn !== undefined) put(eventColumn, 1);
    rowStart[r + 1] = column.length;
  }
  return {
    settings,
    columnCount: partOf.length,
    rowStart,
    column: Int32Array.from(column),
    value: Float64Array.from(value),
    partOf: Uint8Array.from(partOf),
    penalty: Float64Array.from(penalty),
  };
}

function bandOf(dayOfMonth: number): number {
  let band = FIRST_DAYS_OF_BANDS.length - 1;
  while (FIRST_DAYS_OF_BANDS[band] > dayOfMonth) band--;
  return band;
}
