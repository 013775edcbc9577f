import { parse } from 'csv-parse/sync';
import { dayOf, isCivilDate, isoOf } from '../civil-day.ts';
import { MalformedAnswerError, SignalSource, SignalValue } from './signal-source.ts';

/** The daily closing values of an index from any service that offers them as CSV with the columns `Date` and `Close`. */
export function marketIndex(settings: { readonly url: string }): SignalSource {
  return {
    name: 'market',
    provider: 'csv',
    async *fetch({ from }, ask) {
      yield await ask('market-index.csv', new URL(settings.url), (text) =>
        readCloses(text).filter(({ date }) => date >= from),
      );
    },
  };
}

/** The values of a CSV with the columns `Date` and `Close`; a close is known from the day after. @throws MalformedAnswerError */
export function readCloses(text: string): SignalValue[] {
  return rowsOf(text).map((row) => {
    const date = row.date;
    const value = row.close === '' ? NaN : Number(row.close);
    if (!isCivilDate(date) || !Number.isFinite(value))
      throw new MalformedAnswerError('a row has no day in the column Date or no number in the column Close');
    return { signal: 'market_index', location: 0, date, knownFrom: isoOf(dayOf(date) + 1), value };
  });
}

function rowsOf(text: string): Record<string, string>[] {
  try {
    return parse(text, { columns: (names: string[]) => names.map((name) => name.trim().toLowerCase()), bom: true });
  } catch {
    throw new MalformedAnswerError('the answer is no CSV');
  }
}
