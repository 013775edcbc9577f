import { parse } from 'csv-parse/sync';
import { AppError } from '../../platform/http/index.ts';
import type { DatedEvent } from '../calendar.service.ts';
import { dayOf, isCivilDate, isoOf } from '../civil-day.ts';
import type { SignalValue } from '../sources/signal-source.ts';

/** Rows a file may have. */
const MOST_ROWS = 200_000;
/** Longest name or kind of an event. */
const MOST_CHARACTERS = 200;
/** Local events are planned: unless stated, they are taken to have been known a year ahead, as far as forecasts reach. */
const PLANNED_DAYS = 366;

/** Signals that may be told by file, with the values they may have and whether they are known ahead. */
const SIGNALS: Readonly<Record<string, { readonly signal: string; readonly least: number; readonly most: number }>> = {
  event: { signal: 'local_event', least: 0, most: 1 },
  traffic: { signal: 'traffic', least: 0, most: 1e9 },
  temperature: { signal: 'temperature', least: -95, most: 65 },
  rainfall: { signal: 'rainfall', least: 0, most: 2_500 },
};

/** A row that was not taken, by its line in the file (the header is line 1). */
export interface RefusedRow {
  readonly line: number;
  readonly reason: string;
}

/** What a file of signals holds. */
export interface SignalFile {
  readonly values: SignalValue[];
  readonly events: DatedEvent[];
  readonly refused: RefusedRow[];
}

type Row = Readonly<Record<string, string | undefined>>;

/**
 * Reads a CSV with the columns `signal,date` and, as the signal needs them, `location,value,name,kind,known_from`. An event
 * without a location is one of the calendar; with one it is marked on that location's day.
 * @param keyOf key of a location by its code or public id; undefined = there is none
 * @throws AppError 400 for a file that is no CSV, lacks a column or has too many rows
 */
export function readSignalFile(text: string, keyOf: (name: string) => number | undefined): SignalFile {
  const rows = rowsOf(text);
  const file: SignalFile = { values: [], events: [], refused: [] };
  rows.forEach(({ record, line }) => {
    const reason = take(record, keyOf, file);
    if (reason !== null) file.refused.push({ line, reason });
  });
  return file;
}

function rowsOf(text: string): { record: Row; line: number }[] {
  const refuse = (message: string) =>
    new AppError(400, 'SIGNAL_FILE_INVALID', `file: ${message}`, [{ field: 'file', message }]);
  let parsed: { record: Row; info: { lines: number } }[];
  try {
    parsed = parse(text, {
      bom: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      columns: (names: string[]) => names.map((name) => name.toLowerCase()),
      to: MOST_ROWS + 1,
    }) as unknown as typeof parsed;
  } catch {
    throw refuse('is no CSV');
  }
  if (parsed.length > MOST_ROWS) throw refuse(`has more than ${MOST_ROWS} rows`);
  if (parsed.length === 0) throw refuse('has no rows');
  for (const column of ['signal', 'date']) if (!(column in parsed[0].record)) throw refuse(`has no column ${column}`);
  return parsed.map(({ record, info }) => ({ record, line: info.lines }));
}

/** Adds a row to what was read; answers why it was refused, null if it was not. */
function take(row: Row, keyOf: (name: string) => number | undefined, { values, events }: SignalFile): string | null {
  const { date, location, name } = row;
  const known = Object.hasOwn(SIGNALS, row.signal ?? '') ? SIGNALS[row.signal ?? ''] : undefined;
  if (!known) return `signal is none of ${Object.keys(SIGNALS).join(', ')}`;
  if (!isCivilDate(date)) return 'date is no calendar day such as 2026-05-31';
  if (row.signal === 'event' && !location) {
    if (!isPlain(name)) return 'name is missing, too long or holds control characters';
    if (row.kind && !isPlain(row.kind)) return 'kind is too long or holds control characters';
    events.push({ date, name, kind: row.kind || 'event' });
    return null;
  }
  const place = location ? keyOf(location) : 0;
  if (place === undefined) return 'location is none of the catalogue';
  const value = row.value ? Number(row.value) : row.signal === 'event' ? 1 : NaN;
  if (!(value >= known.least && value <= known.most)) return `value is no number from ${known.least} to ${known.most}`;
  const usual = row.signal === 'event' ? dayOf(date) - PLANNED_DAYS : dayOf(date) + 1;
  const knownFrom = row.known_from || isoOf(usual);
  if (!isCivilDate(knownFrom)) return 'known_from is no calendar day such as 2026-05-31';
  values.push({ signal: known.signal, location: place, date, knownFrom, value });
  return null;
}

const isPlain = (text: string | undefined): text is string =>
  text !== undefined && text !== '' && text.length <= MOST_CHARACTERS && !/[\p{Cc}\p{Cs}]/u.test(text);
