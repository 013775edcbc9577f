import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fred, readObservations } from './fred.ts';
import { readCloses } from './market-index.ts';
import { openMeteo } from './open-meteo.ts';
import { FetchWish, SignalSource, SignalValue } from './signal-source.ts';

const recorded = (name: string) => readFileSync(`test/fixtures/signals/${name}`, 'utf8');
const HYDERABAD = { latitude: 17.4483, longitude: 78.3915, timezone: 'Asia/Kolkata' };
const WISH: FetchWish = {
  today: '2024-03-11',
  from: '2022-01-01',
  storedUntil: new Map(),
  places: [
    { location: 1, ...HYDERABAD },
    { location: 2, ...HYDERABAD, latitude: 17.4401 },
  ],
};

/** What a source yields from recorded answers, and what it asked for. */
async function fetched(source: SignalSource, wish: FetchWish) {
  const values: SignalValue[] = [];
  const urls: URL[] = [];
  const answers = source.fetch(wish, (name, url, parse) => {
    urls.push(url);
    return Promise.resolve(parse(recorded(name)));
  });
  for await (const batch of answers) values.push(...batch);
  return { values, urls };
}

describe('weather', () => {
  const source = openMeteo({ forecastUrl: 'https://f.test/v1', archiveUrl: 'https://a.test/v1', apiKey: null });

  it('is asked for once for places close to each other, no closer than ten kilometres, and holds for each', async () => {
    const { urls, values } = await fetched(source, WISH);
    expect(urls.map(({ host }) => host)).toEqual(['a.test', 'f.test']);
    expect(urls[0].searchParams.get('latitude')).toBe('17.4');
    expect(Object.fromEntries(urls[0].searchParams)).toMatchObject({
      start_date: '2022-01-01',
      end_date: '2024-03-10',
    });
    expect(new Set(values.map(({ location }) => location))).toEqual(new Set([1, 2]));
    const ahead = values.filter(({ date }) => date > '2024-03-11');
    expect(ahead).toHaveLength(2 * 2 * 15);
    expect(ahead.every(({ knownFrom }) => knownFrom === '2024-03-11')).toBe(true);
  });

  it('is fetched from the archive only where days are missing', async () => {
    const stored = new Map([
      [1, '2024-03-10'],
      [2, '2024-03-10'],
    ]);
    expect((await fetched(source, { ...WISH, storedUntil: stored })).urls.map(({ host }) => host)).toEqual(['f.test']);
    const gap = await fetched(source, { ...WISH, storedUntil: stored.set(2, '2024-03-01') });
    expect(gap.urls[0].searchParams.get('start_date')).toBe('2024-03-02');
  });
});

describe('the economy', () => {
  it('comes with every revision and the day it was known from', async () => {
    const source = fred({ url: 'https://f.test/obs', apiKey: 'k', series: [{ signal: 'cpi', id: 'CPI' }] });
    const { values, urls } = await fetched(source, WISH);
    expect(urls[0].searchParams.get('observation_start')).toBe('2021-01-01');
    expect(values.filter(({ date }) => date === '2022-01-01')).toEqual([
      { signal: 'cpi', location: 0, date: '2022-01-01', knownFrom: '2022-02-13', value: 105.5 },
      { signal: 'cpi', location: 0, date: '2022-01-01', knownFrom: '2022-06-13', value: 105.8 },
    ]);
    expect(values.some(({ date }) => date === '2024-03-01')).toBe(false);
  });

  it.each([
    '{"observations":[{"realtime_start":"2024-01-01","date":"2024-02-01","value":"1"}]}',
    '{"observations":[{"realtime_start":"2024-03-01","date":"2024-02-01","value":"NaN"}]}',
    '{"observations":[{"realtime_start":"2024-03-01","date":"2024-02-01","value":1}]}',
    '{"observations":[null]}',
    '[]',
  ])('is not believed as %s', (text) => {
    expect(() => readObservations(text, 'cpi')).toThrow(expect.objectContaining({ code: 'SIGNAL_MALFORMED' }));
  });
});

describe('a market index', () => {
  it('is known from the day after its close', () => {
    expect(readCloses('Date,Open,Close\n2024-03-08,1,22000.5\n')).toEqual([
      { signal: 'market_index', location: 0, date: '2024-03-08', knownFrom: '2024-03-09', value: 22000.5 },
    ]);
    expect(readCloses(recorded('market-index.csv'))).toHaveLength(310);
  });

  it.each(['Date,Close\n2024-03-08,\n', 'Date,Close\n2024-03-08,NaN\n', 'a,b\n1,2\n', 'Date,Close\n"1'])(
    'is not believed as %j',
    (text) => {
      expect(() => readCloses(text)).toThrow(expect.objectContaining({ code: 'SIGNAL_MALFORMED' }));
    },
  );
});
