import { dayOf, isCivilDate, isoOf } from '../civil-day.ts';
import { parsedJson } from './parsed-json.ts';
import { FetchWish, MalformedAnswerError, Place, SignalSource, SignalValue } from './signal-source.ts';

/** Where the service is found, and the key of a commercial plan. */
export interface OpenMeteoSettings {
  readonly forecastUrl: string;
  readonly archiveUrl: string;
  readonly apiKey: string | null;
}

/** Our signals by the variables of the service: degrees Celsius and millimetres of the day. */
const VARIABLES = { temperature_2m_mean: 'temperature', precipitation_sum: 'rainfall' } as const;
type Variable = keyof typeof VARIABLES;
const NAMES = Object.keys(VARIABLES) as Variable[];
/** Beyond these a value is an error of the service: the records are -89 and 57 °C and 1,825 mm. */
const RANGE: Readonly<Record<Variable, readonly [number, number]>> = {
  temperature_2m_mean: [-95, 65],
  precipitation_sum: [0, 2_500],
};
/** Days the service forecasts. */
const FORECAST_DAYS = 16;
/** Days gone by that come with a forecast: the archive is some days late. */
const PAST_DAYS = 7;
/** Days of the archive in one answer. */
const CHUNK_DAYS = 1_500;

/** Weather in the layout of Open-Meteo: observed days from its archive, the days ahead from its forecast. */
export function openMeteo(settings: OpenMeteoSettings): SignalSource {
  const url = (base: string, place: Place, parameters: Readonly<Record<string, string>>): URL => {
    const target = new URL(base);
    const { latitude, longitude, timezone } = place;
    const all = { latitude: String(latitude), longitude: String(longitude), timezone, ...parameters };
    for (const [name, value] of Object.entries(all)) target.searchParams.set(name, value);
    target.searchParams.set('daily', NAMES.join(','));
    if (settings.apiKey) target.searchParams.set('apikey', settings.apiKey);
    return target;
  };
  return {
    name: 'weather',
    provider: 'open-meteo',
    async *fetch(wish, ask) {
      for (const { at, locations } of cells(wish.places)) {
        const parse = (text: string) => readDaily(text, locations, wish.today);
        for (const [from, to] of archiveSpans(wish, locations)) {
          const target = url(settings.archiveUrl, at, { start_date: from, end_date: to });
          yield await ask('weather-archive.json', target, parse);
        }
        const ahead = { forecast_days: String(FORECAST_DAYS), past_days: String(PAST_DAYS) };
        yield await ask('weather-forecast.json', url(settings.forecastUrl, at, ahead), parse);
      }
    },
  };
}

/**
 * Places that share the weather: the service's grid is some ten kilometres wide, and the coordinates of a store need not be
 * told more closely than that.
 */
function cells(places: readonly Place[]): { at: Place; locations: number[] }[] {
  const found = new Map<string, { at: Place; locations: number[] }>();
  for (const place of places) {
    const at = { ...place, latitude: rounded(place.latitude), longitude: rounded(place.longitude) };
    const key = `${at.latitude} ${at.longitude} ${at.timezone}`;
    const cell = found.get(key) ?? { at, locations: [] };
    cell.locations.push(place.location);
    found.set(key, cell);
  }
  return [...found.values()];
}

const rounded = (degrees: number) => Math.round(degrees * 10) / 10;

/** Days to fetch from the archive, cut to answers of a bearable size: from the day after what is stored, up to yesterday. */
function archiveSpans({ today, from, storedUntil }: FetchWish, locations: readonly number[]): [string, string][] {
  const starts = locations.map((location) => {
    const stored = storedUntil.get(location);
    return stored !== undefined && stored >= from ? dayOf(stored) + 1 : dayOf(from);
  });
  const spans: [string, string][] = [];
  const end = dayOf(today) - 1;
  for (let day = Math.min(...starts); day <= end; day += CHUNK_DAYS)
    spans.push([isoOf(day), isoOf(Math.min(day + CHUNK_DAYS - 1, end))]);
  return spans;
}

/**
 * The values of an answer, `{ daily: { time: […], temperature_2m_mean: […], … } }`, for each of the locations. A day gone by
 * is known from the day after it; a day ahead from the day of the fetch. Days without a value are left out.
 * @throws MalformedAnswerError
 */
export function readDaily(text: string, locations: readonly number[], today: string): SignalValue[] {
  const daily = (parsedJson(text) as { daily?: Readonly<Record<string, unknown>> } | null)?.daily;
  const time = daily?.time;
  if (!daily || !Array.isArray(time) || !time.every(isCivilDate))
    throw new MalformedAnswerError('daily.time is no list of days');
  return NAMES.flatMap((variable) => {
    const column = daily[variable];
    if (!Array.isArray(column) || column.length !== time.length)
      throw new MalformedAnswerError(`daily.${variable} does not go with daily.time`);
    return time.flatMap((date, i) => {
      const value: unknown = column[i];
      if (value === null) return [];
      const [least, most] = RANGE[variable];
      if (typeof value !== 'number' || !(value >= least && value <= most))
        throw new MalformedAnswerError(`daily.${variable} holds what is not between ${least} and ${most}`);
      const knownFrom = date < today ? isoOf(dayOf(date) + 1) : today;
      return locations.map((location) => ({ signal: VARIABLES[variable], location, date, knownFrom, value }));
    });
  });
}
