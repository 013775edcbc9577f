import type { CalendarEvent } from '../engine/index.ts';
import { readCsv } from './csv-file.ts';
import { readDates, type DateOrder } from './dates.ts';
import { InputError } from './input-error.ts';

/**
 * Reads named days from a CSV file with the columns `date` and `name` (or `event`, `holiday`, `description`).
 * @throws InputError
 */
export async function readEvents(file: string, order: DateOrder | null): Promise<CalendarEvent[]> {
  let date = -1;
  let name = -1;
  const dates: string[] = [];
  const names: string[] = [];
  const lines: number[] = [];
  await readCsv(file, {
    onHeader: (columns) => {
      const lower = columns.map((column) => column.toLowerCase());
      date = lower.findIndex((column) => ['date', 'ds', 'day'].includes(column));
      name = lower.findIndex((column) => ['name', 'event', 'event_name', 'holiday', 'description'].includes(column));
      if (date < 0 || name < 0) throw new InputError(`${file}, line 1: events need the columns date and name`);
    },
    onRecord: (record) => {
      if (record.isEmpty(name)) return;
      dates.push(record.text(date));
      names.push(record.text(name));
      lines.push(record.line);
    },
  });
  const { hours } = readDates(dates, (index) => `${file}, line ${lines[index]}, column date`, order);
  return names.map((text, index) => ({ day: Math.floor(hours[index] / 24), name: text }));
}
