import { TRAITS, type Frequency } from '../engine/index.ts';
import type { DateOrder } from './dates.ts';
import { UsageError } from './input-error.ts';

/** How the files are to be understood; null = found out from the files. */
export interface ReadOptions {
  readonly sales: readonly string[];
  readonly prices: readonly string[];
  readonly calendar: string | null;
  readonly events: string | null;
  /** Names of the columns whose future values are plans; null = the layout's default. */
  readonly known: readonly string[] | null;
  readonly frequency: Frequency | null;
  /** Last period trained on: a date, or `d_N` in the M5 layout. */
  readonly trainUntil: string | null;
  readonly horizon: number | null;
  readonly dateOrder: DateOrder | null;
}

/** Options that leave everything to the files. */
export const READ_DEFAULTS: Omit<ReadOptions, 'sales'> = {
  prices: [],
  calendar: null,
  events: null,
  known: null,
  frequency: null,
  trainUntil: null,
  horizon: null,
  dateOrder: null,
};

/** Periods ahead where nothing is asked: a week of hours, four weeks of days, a quarter of weeks, a year of months. */
export function defaultHorizon(frequency: Frequency): number {
  if (frequency === 'weekly') return 13;
  if (frequency === 'monthly') return 12;
  return TRAITS[frequency].season * (frequency === 'hourly' ? 7 : 4);
}

/** Refuses names after `--known` that no column answers to. @throws UsageError */
export function checkKnown(known: readonly string[], available: readonly string[]): void {
  for (const name of known)
    if (!available.includes(name))
      throw new UsageError(`--known ${name}: there is no such column; there are ${available.join(', ') || 'none'}`);
}
