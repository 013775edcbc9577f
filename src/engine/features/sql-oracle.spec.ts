import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRng } from '../rng.ts';
import { observedDays } from '../series/availability.ts';
import { dayFromCivil } from '../series/days.ts';
import { dayOfPeriod, hourOfPeriod, TRAITS, type Frequency } from '../series/frequency.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { buildCalendar, eventVocabulary } from './calendar.ts';
import { featureSource } from './history.ts';
import { computeFeatures, type RowKeys } from './rows.ts';
import { featureSchema } from './schema.ts';
import { FEATURE_MEANING, type Feature } from './spec.ts';

/** Periods planned ahead of the panel. */
const AHEAD = 28;
const KEYS = 72;
const SERIES = 6;
const { floor, round, abs, max, min } = Math;
/** What hours have of their own; the rest differs from days by its lengths alone, and a year of hours is slow. */
const KINDS_OF_HOURS: readonly string[] = ['calendar', 'season_mean', 'sales_lag', 'group_season_profile'];

/** Regressions are no matter of SQL: see response.spec.ts. */
const OF_RESPONSE = /^(response|unpushed)_|^group_plan$/;

interface World {
  readonly frequency: Frequency;
  readonly panel: Panel;
  readonly future: { price: Float32Array; promotion: Float32Array; days: number };
  readonly events: readonly CalendarEvent[];
  readonly keys: RowKeys;
}

/** A random panel with late starts, an early end, gaps, stockouts, missing prices, promotions and covariates. */
function randomWorld(frequency: Frequency, startPeriod: number, periodCount: number, seed: number): World {
  const rng = createRng(seed);
  const below = (n: number) => floor(rng() * n);
  const fill = (size: number, value: () => number) => Float32Array.from({ length: size }, value);
  const size = SERIES * periodCount;
  const firstPeriod = Int32Array.of(0, 0, 5, floor(periodCount / 3), 0, 2);
  const lastPeriod = new Int32Array(SERIES).fill(periodCount - 1);
  lastPeriod[4] = periodCount - 20;
  const sales = fill(size, () => (rng() < 0.35 ? 0 : below(9)));
  for (let s = 0; s < SERIES; s++) sales.fill(NaN, s * periodCount, s * periodCount + firstPeriod[s]);
  for (let i = 0; i < size; i += 1 + below(120)) sales[i] = NaN;
  const price = () => (rng() < 0.1 ? NaN : 1 + round(rng() * 800) / 100);
  const promotion = () => (rng() < 0.2 ? rng() : 0);
  const covariate = (name: string, known: boolean, rows: number[], stride: number, value: () => number) => {
    const values = fill((max(...rows) + 1) * stride, value);
    return { name, known, rowOf: Int32Array.from(rows), values, stride };
  };
  const panel: Panel = {
    frequency,
    startPeriod,
    periodCount,
    seriesCount: SERIES,
    sales,
    price: fill(size, price),
    promotion: fill(size, promotion),
    inStock: Uint8Array.from({ length: size }, () => (rng() < 0.06 ? 0 : 1)),
    product: Int32Array.of(0, 0, 1, 1, 2, 2),
    location: Int32Array.of(0, 1, 0, 1, 0, 1),
    category: Int32Array.of(3, 3, 3, 3, 7, 7),
    attributes: [{ name: 'brand', of: 'product', codes: Int32Array.of(4, 4, 0, 0, 1, 1) }],
    covariates: [
      covariate('payday', true, [0, 1, 0, 1, 0, 1], periodCount + AHEAD, () => (rng() < 0.3 ? 1 : 0)),
      covariate('warmth', true, [0, 0, 0, 0, 0, 0], periodCount + 5, () => (rng() < 0.1 ? NaN : 30 * rng() - 10)),
      covariate('mood', false, [0, 1, 2, 3, 4, 5], periodCount, () => (rng() < 0.4 ? NaN : rng())),
    ],
    firstPeriod,
    lastPeriod,
  };
  const firstDay = dayOfPeriod(frequency, startPeriod);
  const days = dayOfPeriod(frequency, startPeriod + periodCount * TRAITS[frequency].step) - firstDay + 60;
  const events = Array.from({ length: floor(days / 9) }, () => ({
    day: firstDay - 20 + below(days),
    name: ['Fair', 'Harvest', 'Lanterns', 'Regatta'][below(4)],
  }));
  const series = Int32Array.from({ length: KEYS }, (_, k) => floor((k * SERIES) / KEYS));
  const origin = Int32Array.from(series, (_, k) => (k % 5 === 0 ? periodCount : 1 + below(periodCount)));
  return {
    frequency,
    panel,
    future: { price: fill(SERIES * AHEAD, price), promotion: fill(SERIES * AHEAD, promotion), days: AHEAD },
    events,
    keys: { series, origin, target: origin.map((o) => o + below(AHEAD)) },
  };
}

/** Tables: cells (all periods, planned ones too), events, covariates and keys. Unknown values are NULL. */
async function writeTables(db: DuckDBConnection, { frequency, panel, future, events, keys }: World): Promise<void> {
  const { periodCount, startPeriod } = panel;
  const cells: (number | null)[][] = [];
  for (let s = 0; s < SERIES; s++)
    for (let t = 0; t < periodCount + AHEAD; t++) {
      const at = s * periodCount + t;
      const ahead = s * AHEAD + t - periodCount;
      const past = t < periodCount;
      const onSale = past && t >= panel.firstPeriod[s] && t <= panel.lastPeriod![s] && panel.inStock![at] === 1;
      cells.push([
        s,
        t,
        onSale ? panel.sales[at] : null,
        past ? panel.price![at] : future.price[ahead],
        past ? panel.promotion![at] : future.promotion[ahead],
        panel.product[s],
        panel.location[s],
        panel.category[s],
        panel.attributes![0].codes[s],
        panel.firstPeriod[s],
      ]);
    }
  const table = async (name: string, columns: string, rows: readonly (readonly (number | null)[])[]) => {
    await db.run(`CREATE OR REPLACE TABLE ${name} (${columns})`);
    const whole = columns.split(',').map((column) => column.endsWith('INT'));
    const appender = await db.createAppender(name);
    for (const row of rows) {
      row.forEach((value, c) => {
        if (value === null || Number.isNaN(value)) appender.appendNull();
        else if (whole[c]) appender.appendInteger(value);
        else appender.appendDouble(value);
      });
      appender.endRow();
    }
    appender.closeSync();
  };
  await table(
    'cells',
    's INT, t INT, y DOUBLE, price DOUBLE, promotion DOUBLE, product INT, location INT, category INT, brand INT, first INT',
    cells,
  );
  for (const { name, values, stride, rowOf } of panel.covariates!)
    await table(
      name,
      's INT, t INT, v DOUBLE',
      Array.from(rowOf).flatMap((row, s) =>
        Array.from(values.subarray(row * stride, (row + 1) * stride), (value, t) => [s, t, value]),
      ),
    );
  const names = [...new Set(events.map(({ name }) => name))].sort();
  // Place of each event on the axis of periods (days for hours): a week ends on its label, a month is a calendar month.
  const unitOf = (day: number) => {
    if (frequency === 'hourly') return day - floor(startPeriod / 24);
    if (frequency !== 'monthly')
      return (day - startPeriod + 6 * (TRAITS[frequency].step === 7 ? 1 : 0)) / TRAITS[frequency].step;
    const date = new Date(day * 86_400_000);
    return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth() - startPeriod;
  };
  await table(
    'events',
    'unit INT, day INT, code INT',
    events.map(({ day, name }) => [floor(unitOf(day)), day, names.indexOf(name) + 1]),
  );
  await table(
    'calendar',
    't INT, day INT, hour INT, unit INT',
    Array.from({ length: periodCount + 2 * AHEAD }, (_, t) => {
      const ordinal = startPeriod + t * TRAITS[frequency].step;
      const day = dayOfPeriod(frequency, ordinal);
      const unit = frequency === 'hourly' ? day - floor(startPeriod / 24) : t;
      return [t, day, hourOfPeriod(frequency, ordinal), unit];
    }),
  );
  await table(
    'keys',
    'id INT, s INT, o INT, d INT',
    Array.from(keys.series, (s, k) => [k, s, keys.origin[k], keys.target[k]]),
  );
}

const REACH = {
  hourly: { before: 7, after: 4, cap: 30 },
  daily: { before: 7, after: 4, cap: 30 },
  weekly: { before: 2, after: 1, cap: 13 },
  monthly: { before: 1, after: 1, cap: 12 },
};

/** The definition of a feature as an SQL expression over the key `k (s, o, d)`; NULL where it is not known. */
function sqlOf(feature: Feature, frequency: Frequency): string {
  const aligned = (step: number) => `c.t < k.o AND (k.d - c.t) % ${step} = 0`;
  const within = (window: number) => `c.t >= k.o - ${window} AND c.t < k.o`;
  const own = (what: string, where: string) => `(SELECT ${what} FROM cells c WHERE c.s = k.s AND ${where})`;
  const price = (known: boolean) => {
    const last = own('arg_max(price, t)', 'price IS NOT NULL AND c.t < k.o');
    return known ? `coalesce(${own('max(price)', 'c.t = k.d')}, ${last})` : last;
  };
  const covariate = (what: string, name: string, where: string) =>
    `(SELECT ${what} FROM ${name} c WHERE c.s = k.s AND ${where})`;
  const members: Record<string, string> = {
    product: 'c.product = m.product',
    location: 'c.location = m.location',
    shelf: 'c.location = m.location AND c.category = m.category',
  };
  const group = (name: string, what: string, where: string) =>
    `(SELECT ${what} FROM cells c, (SELECT s, product, location, category FROM cells WHERE t = 0) m WHERE m.s = k.s AND ${members[name]} AND ${where})`;
  /** Mean units of a group per period of [from, to), all of which must lie in the panel. */
  const groupMean = (name: string, from: string, to: string) =>
    `(CASE WHEN (${from}) >= 0 AND (${to}) > (${from}) THEN coalesce(${group(name, 'sum(y)', `c.t >= ${from} AND c.t < ${to}`)}, 0) / ((${to}) - (${from})) END)`;
  const back = (year: number) => `(cast(ceil((k.d - k.o + 1) / ${year}.0) AS INT) * ${year})`;
  const around = (year: number, half: number) =>
    `c.t < k.o AND c.t BETWEEN k.d - ${back(year)} - ${half} AND k.d - ${back(year)} + ${half}`;
  const ratio = (above: string, below: string) => `(${above}) / nullif(${below}, 0)`;
  const calendar = (what: string, ahead: number) => `(SELECT ${what} FROM calendar c WHERE c.t = k.d + ${ahead})`;
  const event = (what: string, where: string, ahead = 0) =>
    `(SELECT ${what} FROM events e, calendar c WHERE c.t = k.d + ${ahead} AND ${where})`;
  const reach = REACH[frequency];
  const near = `c.unit - e.unit BETWEEN -${reach.before} AND ${reach.after}`;
  const byDistance = 'abs(c.unit - e.unit) * 1000000.0 + e.day * 10 + e.code';
  const date = `(DATE '1970-01-01' + c.day)`;
  switch (feature.kind) {
    case 'horizon':
      return 'k.d - k.o + 1';
    case 'sales_lag':
      return own(
        'arg_max(coalesce(y, -1), t)',
        `${aligned(feature.step)} AND k.d - c.t < k.d - k.o + 1 + ${feature.step}`,
      );
    case 'rolling_mean':
      return own('avg(y)', within(feature.window));
    case 'rolling_std':
      return own('stddev_pop(y)', within(feature.window));
    case 'rolling_min':
      return own('min(y)', within(feature.window));
    case 'rolling_max':
      return own('max(y)', within(feature.window));
    case 'ewma':
      return own(
        `list_reduce(list(y ORDER BY t), lambda a, x: a + ${feature.alpha} * (x - a))`,
        'c.t < k.o AND y IS NOT NULL',
      );
    case 'season_mean':
      return own('avg(y)', `${aligned(feature.season)} AND c.t >= k.o - ${feature.season * feature.repeats}`);
    case 'zero_run':
      return `(SELECT CASE WHEN count(*) > 0 THEN sum(CASE WHEN c.t > coalesce((SELECT max(t) FROM cells x WHERE x.s = k.s AND x.t < k.o AND x.y > 0), -1) THEN 1 ELSE 0 END) END FROM cells c WHERE c.s = k.s AND c.t < k.o AND y IS NOT NULL)`;
    case 'nonzero_share':
      return own('avg(CASE WHEN y > 0 THEN 1.0 WHEN y = 0 THEN 0.0 END)', within(feature.window));
    case 'availability':
      return own('avg(CASE WHEN y IS NULL THEN 0.0 ELSE 1.0 END)', within(feature.window));
    case 'year_ago_mean':
      return own('avg(y)', around(feature.year, floor(feature.window / 2)));
    case 'season_ratio':
      return ratio(
        own('avg(y)', around(feature.year, floor(feature.window / 2))),
        own('avg(y)', `c.t < k.o - ${back(feature.year)} AND c.t >= k.o - ${back(feature.year)} - ${feature.window}`),
      );
    case 'calendar':
      switch (feature.field) {
        case 'weekday':
          return calendar(`isodow(${date}) - 1`, feature.ahead);
        case 'dayOfMonth':
          return calendar(`day(${date})`, feature.ahead);
        case 'week':
        case 'month':
        case 'quarter':
          return calendar(`${feature.field}(${date})`, feature.ahead);
        case 'hour':
          return calendar('hour', feature.ahead);
        case 'event':
          return event('coalesce(arg_min(e.code, e.day * 10 + e.code), 0)', 'e.unit = c.unit', feature.ahead);
        case 'nearestEvent':
          return event(`coalesce(arg_min(e.code, ${byDistance}), 0)`, near);
        case 'eventDistance':
          return event(`coalesce(arg_min(c.unit - e.unit, ${byDistance}), 0)`, near);
        case 'toEvent':
          return event(`least(${reach.cap}, coalesce(min(e.unit - c.unit), ${reach.cap}))`, 'e.unit >= c.unit');
        case 'sinceEvent':
          return event(`least(${reach.cap}, coalesce(min(c.unit - e.unit), ${reach.cap}))`, 'e.unit <= c.unit');
      }
      break;
    case 'price':
      return price(feature.known);
    case 'price_relative':
      return ratio(price(feature.known), own('avg(price)', within(feature.window)));
    case 'price_momentum':
      return ratio(
        price(feature.known),
        own('arg_max(price, t)', `price IS NOT NULL AND c.t < k.o - ${feature.window}`),
      );
    case 'price_regular':
      return ratio(price(feature.known), own('max(price)', within(feature.window)));
    case 'promotion':
      return own('max(promotion)', 'c.t = k.d');
    case 'promotion_share':
      return own('avg(promotion)', within(feature.window));
    case 'promotion_state_mean':
      return own('avg(y)', `${within(feature.window)} AND (promotion > 0) = ${own('max(promotion) > 0', 'c.t = k.d')}`);
    case 'age':
      return own(`max(least(k.d - c.first, ${feature.cap}))`, 'c.t = 0');
    case 'category':
    case 'location':
      return own(`max(${feature.kind})`, 'c.t = 0');
    case 'attribute':
      return own(`max(${feature.attribute})`, 'c.t = 0');
    case 'covariate':
      return covariate('max(v)', feature.covariate, 'c.t = k.d');
    case 'covariate_change':
      return `${covariate('max(v)', feature.covariate, 'c.t = k.d')} - ${covariate('avg(v)', feature.covariate, within(feature.window))}`;
    case 'covariate_state_mean':
      return `(SELECT avg(y) FROM cells c JOIN ${feature.covariate} f ON f.s = c.s AND f.t = c.t WHERE c.s = k.s AND ${within(feature.window)} AND f.v = ${covariate('max(v)', feature.covariate, 'c.t = k.d')})`;
    case 'covariate_last':
      return covariate('arg_max(v, t)', feature.covariate, 'v IS NOT NULL AND c.t < k.o');
    case 'covariate_mean':
      return covariate('avg(v)', feature.covariate, within(feature.window));
    case 'group_mean':
      return group(feature.group, 'avg(y)', within(feature.window));
    case 'group_season_profile': {
      const { season, repeats } = feature;
      const used = `least(${repeats}, cast(floor((k.d - ${back(season)}) / ${season}.0) AS INT) + 1)`;
      const where = `${aligned(season)} AND c.t >= k.o - ${season * repeats}`;
      const base = `greatest(0, k.o - ${season} * ${used})`;
      return `CASE WHEN ${used} > 0 THEN ${ratio(
        `coalesce(${group(feature.group, 'sum(y)', where)}, 0) / (${used})`,
        groupMean(feature.group, base, 'k.o'),
      )} END`;
    }
    case 'group_season_ratio': {
      const { year, window } = feature;
      const half = floor(feature.around / 2);
      const before = `k.o - ${back(year)}`;
      return ratio(
        groupMean(feature.group, `k.d - ${back(year)} - ${half}`, `least(k.d - ${back(year)} + ${half} + 1, k.o)`),
        groupMean(feature.group, `${before} - ${window}`, before),
      );
    }
    case 'group_trend':
      return ratio(
        groupMean(feature.group, `k.o - ${feature.short}`, 'k.o'),
        groupMean(feature.group, `greatest(0, k.o - ${feature.long})`, 'k.o'),
      );
  }
  throw new Error('a field of the calendar has no definition in SQL');
}

const WORLDS: readonly World[] = [
  randomWorld('daily', dayFromCivil(2022, 11, 3), 430, 11),
  randomWorld('weekly', dayFromCivil(2021, 7, 3), 140, 12),
  randomWorld('monthly', 12 * 51 + 4, 50, 13),
  randomWorld('hourly', 24 * dayFromCivil(2023, 3, 1) + 7, 500, 14),
];

describe('features against their definitions in SQL', () => {
  let db: DuckDBConnection;
  const kinds = new Set<string>();

  beforeAll(async () => {
    db = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  });
  afterAll(() => db.closeSync());

  it.each(WORLDS.map((world) => [world.frequency, world] as const))(
    'are equal for %s periods',
    async (frequency, world) => {
      const { panel, events, keys, future } = world;
      await writeTables(db, world);
      const calendar = buildCalendar(
        panel.startPeriod,
        panel.periodCount + 2 * AHEAD,
        events,
        eventVocabulary(events),
        frequency,
      );
      const source = featureSource(panel, observedDays(panel), calendar, future);
      const known = { knownPrice: true, knownPromotion: true, price: true, promotion: true, events: true };
      const covariates = panel.covariates!.map(({ name, known: isKnown }) => ({
        name,
        known: isKnown,
        flag: name === 'payday',
      }));
      const has = { ...known, frequency, covariates, attributes: ['brand'] };
      const unknown = featureSchema({ ...has, knownPrice: false }).filter(({ kind }) => kind.startsWith('price'));
      const all = [...featureSchema(has), ...unknown].filter(({ kind }) => !OF_RESPONSE.test(kind));
      const schema = frequency === 'hourly' ? all.filter(({ kind }) => KINDS_OF_HOURS.includes(kind)) : all;
      const found = computeFeatures(source, schema, keys);
      const selected = schema.map((feature, f) => `(${sqlOf(feature, frequency)})::DOUBLE AS f${f}`);
      const mistakes: string[] = [];
      for (const [f, feature] of schema.entries()) {
        kinds.add(feature.kind);
        const rows = (await db.runAndReadAll(`SELECT ${selected[f]} FROM keys k ORDER BY id`)).getRows();
        let told = 0;
        rows.forEach(([value], row) => {
          const wanted = value === null || (feature.kind === 'sales_lag' && value === -1) ? NaN : Number(value);
          const got = found.columns[f][row];
          if (!Number.isNaN(wanted)) told++;
          const same = Number.isNaN(wanted) ? Number.isNaN(got) : abs(got - wanted) <= 1e-5 * max(1, abs(wanted));
          if (!same)
            mistakes.push(
              `${feature.name} of ${keys.series[row]}, ${keys.origin[row]}, ${keys.target[row]}: ${got}, not ${wanted}`,
            );
        });
        // A year of hours would make the test slow; everything else must be told somewhere.
        if (told === 0 && !(frequency === 'hourly' && 'year' in feature))
          mistakes.push(`${feature.name} is never known`);
      }
      expect(mistakes.slice(0, min(12, mistakes.length))).toEqual([]);
    },
  );

  it('cover every kind of feature', () => {
    expect(Object.keys(FEATURE_MEANING).filter((kind) => !kinds.has(kind) && !OF_RESPONSE.test(kind))).toEqual([]);
  });
});
