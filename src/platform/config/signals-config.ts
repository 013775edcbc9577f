import { ConfigError, Environment } from './environment.ts';

/** Groups of signals a model may learn from. */
export const MODEL_SIGNALS = ['weather', 'macro', 'market', 'local-events', 'traffic'] as const;
export type ModelSignal = (typeof MODEL_SIGNALS)[number];

/** What signals from outside are fetched, from where, and what models make of them. */
export interface SignalsConfig {
  /** Null = no weather is fetched. */
  readonly weather: {
    readonly forecastUrl: string;
    readonly archiveUrl: string;
    readonly apiKey: string | null;
  } | null;
  /** Null = no series of the economy are fetched. */
  readonly macro: {
    readonly url: string;
    readonly apiKey: string;
    readonly series: readonly { readonly signal: string; readonly id: string }[];
  } | null;
  /** Null = no market index is fetched. */
  readonly market: { readonly url: string } | null;
  /** Folder of recorded answers that stand for the services; null = the network. */
  readonly replayDir: string | null;
  /** Country and region of public holidays, such as IN and TG; null = none are put into the calendar. */
  readonly holidays: { readonly country: string; readonly region: string | null } | null;
  /** Whether the festivals of India are put into the calendar. */
  readonly festivals: boolean;
  readonly inModels: readonly ModelSignal[];
}

const FORECAST_URL = 'https://api.open-meteo.com/v1/forecast';
const ARCHIVE_URL = 'https://archive-api.open-meteo.com/v1/archive';
const FRED_URL = 'https://api.stlouisfed.org/fred/series/observations';
/** India's consumer prices and gross domestic product at constant prices. */
const FRED_SERIES = 'cpi=INDCPIALLMINMEI,gdp=NGDPRNSAXDCINQ';
/** What models learn from unless told otherwise; the economy moves too slowly to be told from a trend in a few years. */
const IN_MODELS = 'weather,local-events,traffic';

/** Reads the part of the environment about signals. @throws ConfigError naming the variable that is malformed */
export function signalsConfig(env: Environment): SignalsConfig {
  const replayed = env.SIGNALS_REPLAY_DIR !== undefined;
  const country = env.HOLIDAY_COUNTRY ?? 'IN';
  return {
    weather:
      env.WEATHER_PROVIDER === 'open-meteo'
        ? {
            forecastUrl: checkedUrl('WEATHER_FORECAST_URL', env.WEATHER_FORECAST_URL ?? FORECAST_URL),
            archiveUrl: checkedUrl('WEATHER_ARCHIVE_URL', env.WEATHER_ARCHIVE_URL ?? ARCHIVE_URL),
            apiKey: env.WEATHER_API_KEY ?? null,
          }
        : null,
    macro: env.MACRO_PROVIDER === 'fred' ? fredConfig(env, replayed) : null,
    market: env.MARKET_PROVIDER === 'csv' ? { url: checkedUrl('MARKET_URL', env.MARKET_URL) } : null,
    replayDir: env.SIGNALS_REPLAY_DIR ?? null,
    holidays: country === 'none' ? null : { country, region: env.HOLIDAY_REGION ?? null },
    festivals: env.FESTIVALS ?? country === 'IN',
    inModels: words(env.MODEL_SIGNALS ?? IN_MODELS).map((word) => {
      const known = MODEL_SIGNALS.find((name) => name === word);
      if (!known) throw new ConfigError(`MODEL_SIGNALS: ${word} is none of ${MODEL_SIGNALS.join(', ')}`);
      return known;
    }),
  };
}

function fredConfig(env: Environment, replayed: boolean): SignalsConfig['macro'] {
  if (!env.FRED_API_KEY && !replayed) throw new ConfigError('FRED_API_KEY: must be set for MACRO_PROVIDER=fred');
  const series = words(env.FRED_SERIES ?? FRED_SERIES).map((pair) => {
    const [signal, id] = pair.split('=');
    if (!['cpi', 'gdp'].includes(signal) || !/^\w+$/.test(id ?? ''))
      throw new ConfigError(`FRED_SERIES: ${pair} is not written like cpi=SERIES or gdp=SERIES`);
    return { signal, id };
  });
  return { url: checkedUrl('FRED_URL', env.FRED_URL ?? FRED_URL), apiKey: env.FRED_API_KEY ?? '', series };
}

const words = (list: string) =>
  list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '' && word !== 'none');

function checkedUrl(name: string, text: string | undefined): string {
  if (text === undefined) throw new ConfigError(`${name}: must be set`);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new ConfigError(`${name}: must be an http or https address without a user`);
  return text;
}
