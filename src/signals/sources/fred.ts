import { isCivilDate } from '../civil-day.ts';
import { parsedJson } from './parsed-json.ts';
import { MalformedAnswerError, SignalSource, SignalValue } from './signal-source.ts';

/** Where the service is found and what is asked of it. */
export interface FredSettings {
  readonly url: string;
  readonly apiKey: string;
  /** Our signals with the names of the service's series: `cpi` an index of consumer prices, `gdp` the gross domestic product. */
  readonly series: readonly { readonly signal: string; readonly id: string }[];
}

/**
 * Series of the economy in the layout of FRED, with all their vintages: each figure once as first published and once for
 * every revision, with the day from which it was known.
 */
export function fred({ url, apiKey, series }: FredSettings): SignalSource {
  return {
    name: 'macro',
    provider: 'fred',
    async *fetch({ from }, ask) {
      for (const { signal, id } of series) {
        const target = new URL(url);
        const query = {
          series_id: id,
          api_key: apiKey,
          file_type: 'json',
          // A year more than sales go back, since rates of growth look a year back.
          observation_start: `${Number(from.slice(0, 4)) - 1}${from.slice(4, 7)}-01`,
          // All real-time periods there are: the whole history of revisions.
          realtime_start: '1776-07-04',
          realtime_end: '9999-12-31',
        };
        for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
        yield await ask(`macro-${signal}.json`, target, (text) => readObservations(text, signal));
      }
    },
  };
}

/**
 * The values of an answer, `{ observations: [{ realtime_start, date, value }] }`; `.` stands for no value.
 * @throws MalformedAnswerError
 */
export function readObservations(text: string, signal: string): SignalValue[] {
  const observations = (parsedJson(text) as { observations?: unknown } | null)?.observations;
  if (!Array.isArray(observations)) throw new MalformedAnswerError('observations is no list');
  return observations.flatMap((observation: unknown): SignalValue[] => {
    const {
      realtime_start: knownFrom,
      date,
      value: written,
    } = (observation ?? {}) as Readonly<Record<string, unknown>>;
    if (!isCivilDate(knownFrom) || !isCivilDate(date) || knownFrom < date)
      throw new MalformedAnswerError('an observation has no day, or was known before it');
    if (written === '.') return [];
    const value = typeof written === 'string' && written.trim() !== '' ? Number(written) : NaN;
    if (!Number.isFinite(value)) throw new MalformedAnswerError('the value of an observation is no number');
    return [{ signal, location: 0, date, knownFrom, value }];
  });
}
