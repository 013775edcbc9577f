import { dayFromCivil } from '../engine/index.ts';
import { readCsv } from './csv-file.ts';
import { readDate } from './dates.ts';
import { InputError } from './input-error.ts';

/** The calendar of the M5 layout; entries of all arrays belong together. */
export interface M5Calendar {
  /** `N` of `d_N` and its civil day. */
  readonly numbers: readonly number[];
  readonly days: readonly number[];
  /** Week by which prices are listed. */
  readonly weeks: readonly number[];
  readonly events: readonly (readonly string[])[];
  /** SNAP flag per state code, one array over the days each. */
  readonly snap: ReadonlyMap<string, readonly number[]>;
}

/** Civil day of d_0, so that d_1 is 2011-01-29, which holds where no calendar is given. */
const FIRST_DAY = dayFromCivil(2011, 1, 28);

/** Civil day of `d_N`. */
export function dayOfNumber(calendar: M5Calendar | null, number: number): number {
  return calendar ? calendar.days[0] + number - calendar.numbers[0] : FIRST_DAY + number;
}

/**
 * Reads `calendar.csv`: date, wm_yr_wk, d, event_name_1, event_name_2 and snap_<STATE>.
 * @throws InputError if a column is missing or days are not consecutive
 */
export async function readM5Calendar(file: string): Promise<M5Calendar> {
  const numbers: number[] = [];
  const days: number[] = [];
  const weeks: number[] = [];
  const events: string[][] = [];
  const snap = new Map<string, number[]>();
  const at = { date: -1, wm_yr_wk: -1, d: -1 };
  let eventColumns: number[] = [];
  let snapColumns: [string, number][] = [];
  await readCsv(file, {
    onHeader: (names) => {
      for (const name of ['date', 'wm_yr_wk', 'd'] as const) {
        at[name] = names.indexOf(name);
        if (at[name] < 0) throw new InputError(`${file}, line 1: there is no column ${name}`);
      }
      eventColumns = ['event_name_1', 'event_name_2'].map((name) => names.indexOf(name)).filter((index) => index >= 0);
      snapColumns = names.flatMap((name, index): [string, number][] =>
        name.startsWith('snap_') ? [[name.slice('snap_'.length), index]] : [],
      );
      for (const [state] of snapColumns) snap.set(state, []);
    },
    onRecord: (record) => {
      const number = Number(/^d_(\d+)$/.exec(record.text(at.d))?.[1] ?? NaN);
      const hour = readDate(record.text(at.date));
      if (Number.isNaN(number)) throw record.error(at.d, `"${record.text(at.d)}" is not of the form d_1`);
      if (hour === null) throw record.error(at.date, `"${record.text(at.date)}" is not a date`);
      if (numbers.length > 0 && (number !== numbers[numbers.length - 1] + 1 || hour / 24 !== days[days.length - 1] + 1))
        throw record.error(at.d, 'the days are not consecutive');
      numbers.push(number);
      days.push(hour / 24);
      weeks.push(record.number(at.wm_yr_wk));
      events.push(eventColumns.filter((index) => !record.isEmpty(index)).map((index) => record.text(index)));
      for (const [state, index] of snapColumns) snap.get(state)?.push(record.number(index));
    },
  });
  if (numbers.length === 0) throw new InputError(`${file}: there is no day in it`);
  return { numbers, days, weeks, events, snap };
}
